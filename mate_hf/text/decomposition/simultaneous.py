"""Which neighbouring actions happen at the same time and so stay one sub-text."""

from __future__ import annotations

from mate_hf.text.decomposition.connectives import STOPS
from mate_hf.text.decomposition.leads import Lead
from mate_hf.text.decomposition.postures import holds_on
from mate_hf.text.decomposition.reading import Stretch
from mate_hf.text.decomposition.word_sets import (
    BE,
    BODY_PARTS,
    HELD,
    LOCOMOTION,
    NEEDS_OBJECT,
    NEGATIONS,
    SIMULTANEOUS,
    word_set,
)

_WITHOUT_OBJECT = LOCOMOTION | word_set("turn step stop go return stand sit")
_DONE_ONCE = word_set("bow put pick drop lower take bring throw catch grab")
_ENDINGS = word_set(
    "stop return sit pick put catch lower land come get place crouch squat take climb descend shoot"
)
_POSTURES = word_set("squat crouch stand sit kneel lie take bend")
_TAKEN = word_set("low down up seat")
_TURNS = word_set("around left right to degrees back")
_COUNTS = word_set("once twice times time steps step")
_AIRBORNE = word_set("jump hop leap")
_DONE_WHILE_MOVING = word_set("hold keep balance have carry use")


def says_same_time(forms: list[str]) -> bool:
    """Whether the words hold "at the same time", "simultaneously", ..."""
    return any(
        tuple(forms[place : place + len(phrase)]) == phrase
        for phrase in SIMULTANEOUS
        for place in range(len(forms))
    )


def is_state(right: Stretch, lead: Lead) -> bool:
    """Whether no action leads: "he is on his knees", "it looks like a dance". "is pushed" is one."""
    after = right.reading.forms(lead.position + 1, min(right.end, lead.position + 3))
    if lead.verb.lemma == "be":
        return not any(right.reading.verbs[lead.position + 1 : min(right.end, lead.position + 4)])
    if lead.verb.lemma in ("seem", "appear"):
        return after[:1] != ["to"] or after == ["to", "be"]
    return lead.verb.lemma in ("look", "resemble") and after[:1] in (["like"], ["as"], ["similar"])


def is_negated(right: Stretch, lead: Lead) -> bool:
    """Whether the action is not done: "but does not fall"."""
    before_verb = right.forms[: lead.position - right.start + 2]
    after = right.reading.forms(lead.position + 1, lead.position + 3)
    return bool(NEGATIONS.intersection(before_verb)) or after in (["not"], ["n't"])


def stays_together(left: Stretch, right: Stretch, lead: Lead, kind: str) -> bool:
    """Whether the action of `right` goes on during that of `left` although only "and" or a comma parts them."""
    clause = right.forms[: _subordinate(right.forms) + 2]
    if says_same_time(clause) or _walks_meanwhile(left, right):
        return True
    if is_negated(right, lead) or is_state(right, lead):
        return True
    last, verb = left.mains[-1].verb, lead.verb
    if kind == "comma" and verb.form == "ing" and verb.lemma in HELD | {"use"}:
        return right.reading.form(lead.position + 1) != "up"
    if last.lemma in _AIRBORNE and ({"air", "midair"} & set(right.forms) or right.forms[-1:] == ["ground"]):
        return verb.lemma not in ("land", "walk")
    if holds_on(left, lead, kind):
        return True
    if kind != "and":
        return False
    if _shares_object(left, lead) or (last.lemma in LOCOMOTION and _is_done_while_moving(right, lead)):
        return True
    if verb.form != "ing" or _is_listed_after_before(left):
        return False
    return not _follow_each_other(left, right, lead)


def _is_listed_after_before(left: Stretch) -> bool:
    """ "before looking up, kneeling and praying": the participles after "before" are steps of their own."""
    reading = left.reading
    for position in range(left.start - 1, -1, -1):
        verb = reading.verb(position)
        if reading.form(position) == "before":
            return True
        if reading.form(position) in STOPS or (verb is not None and verb.form in ("s", "past", "base")):
            return False
    return False


def _subordinate(forms: list[str]) -> int:
    return next((place for place, form in enumerate(forms) if form in ("while", "as")), len(forms))


def _walks_meanwhile(left: Stretch, right: Stretch) -> bool:
    """ "walks, swings both arms while walking"."""
    lemma = left.mains[-1].verb.lemma
    verbs = enumerate(right.reading.verbs[right.start + 1 : right.end], right.start + 1)
    return lemma in LOCOMOTION and any(
        verb is not None and verb.lemma == lemma and right.reading.form(place - 1) == "while"
        for place, verb in verbs
    )


def _shares_object(left: Stretch, lead: Lead) -> bool:
    """ "picks up and throws the ball": the first verb waits for the object of the second."""
    position, verb = left.mains[-1]
    between = left.reading.forms(position + 1, left.end)
    passive = verb.form == "past" and left.reading.form(position - 1) in BE
    waits = verb.lemma in NEEDS_OBJECT and not passive and between in ([], ["up"], ["down"], ["out"])
    return waits and lead.verb.lemma not in _WITHOUT_OBJECT


def _is_done_while_moving(right: Stretch, lead: Lead) -> bool:
    """ "(walks and) holds the rail", "(walks and) looks around"."""
    after = right.reading.forms(lead.position + 1, min(right.end, lead.position + 4))
    lemma = lead.verb.lemma
    if lemma in _DONE_WHILE_MOVING:
        return True
    if lemma == "swing":
        return "arms" in after
    return (lemma == "look" and after[:1] == ["around"]) or (
        lemma == "move" and bool(BODY_PARTS & set(after))
    )


def _follow_each_other(left: Stretch, right: Stretch, lead: Lead) -> bool:
    """Whether participles are counted or come to an end: "hopping twice and turning around"."""
    position, last = left.mains[-1]
    complement = set(left.reading.forms(position + 1, left.end))
    if {last.lemma, lead.verb.lemma} <= LOCOMOTION:
        return bool(complement)
    if last.lemma in _DONE_ONCE or (last.lemma in _POSTURES and _TAKEN & complement):
        return True
    if last.lemma in ("turn", "spin") and _TURNS & complement:
        return True
    if lead.verb.lemma in _ENDINGS or (lead.verb.lemma == "turn" and _TURNS.intersection(right.forms[:4])):
        return True
    return bool(_COUNTS.intersection(left.forms + right.forms))
