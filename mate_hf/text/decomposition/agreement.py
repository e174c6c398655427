"""Whether a verb after a connective can be parallel to a main verb before it, by their forms."""

from __future__ import annotations

from mate_hf.text.decomposition.inflection import VERB_FORMS
from mate_hf.text.decomposition.leads import Lead
from mate_hf.text.decomposition.reading import Stretch


def is_parallel(left: Stretch, lead: Lead, kind: str) -> bool:
    """After "and" or a comma: "walks and turns", not "bends to pick it up and throw it"."""
    form = lead.verb.form
    if form == "to":
        return False
    if form == "s":
        return kind != "and" or not _clause_open(left)
    if _is_base_and_past(left, lead):
        return bool({"base", "past"} & left.main_forms) or not _purpose_open(left)
    if form == "base":
        return not _purpose_open(left)
    if form == "ing":
        return "ing" in left.main_forms
    return _past_goes_on(left, lead, kind)


def is_parallel_after_then(left: Stretch, lead: Lead, after_before: bool) -> bool:
    """After "then" and its like, where slips of form are forgiven: "walks, then turn"."""
    form = lead.verb.form
    if form in ("base", "to"):
        accepted = {"base", "past"} if _is_base_and_past(left, lead) else {"base"}
        return bool(accepted & left.main_forms) or bool(lead.subject) or not _purpose_open(left)
    if form == "ing":
        return bool(lead.subject) or after_before or not _continues_participle(left, lead)
    if form == "past":
        return "past" in left.main_forms or left.reading.tokens[lead.position].tag == "VBD"
    return True


def _is_base_and_past(left: Stretch, lead: Lead) -> bool:
    """ "put" and "set" go with either form."""
    return {"base", "past"} <= set(VERB_FORMS.get(left.reading.form(lead.position), {}))


def _past_goes_on(left: Stretch, lead: Lead, kind: str) -> bool:
    if {"past", "base"} & left.reading.stretch(0, left.end).main_forms:
        return True
    # A slip of tense: "walks to the left and turned".
    described = "with" in left.reading.forms(left.mains[-1].position, left.end)
    return kind == "and" and left.reading.tokens[lead.position].tag == "VBD" and not described


def _purpose_open(left: Stretch) -> bool:
    """Whether an infinitive of purpose stands last in `left`: "bends to pick it up (and throw it)"."""
    return any(nested.verb.form == "to" for nested in left.nested_after_main())


def _clause_open(left: Stretch) -> bool:
    """Whether a subordinate clause with a finite verb stands last: "looks as if he waves (and jumps)"."""
    if "while" in left.reading.forms(left.mains[-1].position, left.end):
        return False
    return any(nested.verb.form == "s" and nested.verb.lemma != "be" for nested in left.nested_after_main())


def _continues_participle(left: Stretch, lead: Lead) -> bool:
    """Whether a participle goes on with one that only describes: "walks placing one foot, then placing ..."."""
    participles = [nested for nested in left.nested_after_main() if nested.verb.form == "ing"]
    if not participles or "while" in left.reading.forms(left.mains[-1].position, left.end):
        return False
    return left.mains[-1].verb.form == "s" or participles[-1].verb.lemma == lead.verb.lemma
