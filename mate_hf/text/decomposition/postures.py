"""Held postures, during which something else is done, and the actions that end them."""

from __future__ import annotations

from mate_hf.text.decomposition.leads import Lead
from mate_hf.text.decomposition.main_clause import PlacedVerb
from mate_hf.text.decomposition.reading import Stretch
from mate_hf.text.decomposition.word_sets import BE, HELD, LOCOMOTION, word_set

_ALWAYS_HELD = word_set("have hold keep stay remain balance wear carry hang")
_CHANGES = word_set(
    "up down back over upright into onto out off away to from around forward forwards backward backwards low"
)
_CHANGES_OF_LEANING = word_set("down over back up in")
_RESTS = word_set("sit lie lay kneel squat crouch rest lean")
RISES = word_set("get rise stand walk run return go crawl straighten")
_STANDS_UP = word_set("get rise stand")
_LEAVES = LOCOMOTION - {"dance", "jump", "hop", "shuffle"} | word_set("step get go fall collapse")
_MAY_MOVE = word_set("hold have keep lean")
_ATTEMPTS = word_set("start begin try attempt")


def is_held(stretch: Stretch, main: PlacedVerb) -> bool:
    """Whether a main verb of this stretch is a posture: "stands", "is on the floor", not "stands up"."""
    reading, (position, verb) = stretch.reading, main
    if verb.lemma not in HELD or (verb.lemma in ("squat", "crouch") and verb.form != "ing"):
        return False
    if verb.lemma == "be":
        return not any(reading.verbs[position + 1 : position + 3])
    if verb.lemma in _ALWAYS_HELD:
        return True
    after = reading.forms(position + 1, min(stretch.end, position + 3))
    if position and reading.form(position - 1) in ("then", "and", ",", "."):
        # After another action it is a change: "crawls, then stands and turns".
        return after[:1] in (["still"], ["in"])
    if verb.form == "ing" and after[:1] == ["up"]:
        return reading.form(position - 1) in BE
    if after and after[0].endswith("ly"):
        after = after[1:]
    changes = _CHANGES_OF_LEANING if verb.lemma == "lean" else _CHANGES
    return not changes.intersection(after[:1])


def holds_on(left: Stretch, lead: Lead, kind: str) -> bool:
    """Whether a posture at the end of `left` lasts while the action of `lead` is done."""
    last = left.mains[-1]
    if kind == "but" or not _ends_held(left, kind):
        return False
    lemma, action = last.verb.lemma, lead.verb.lemma
    if kind == "comma" and (lemma in ("hold", "keep") or _is_taken(left, last)):
        return False
    if lemma == "be" and action in _STANDS_UP:
        return False
    leaves = _leaves_place(left, lead)
    if lemma in _RESTS and (action in RISES or _tries_to_rise(left, lead) or (leaves and lemma != "lean")):
        return False
    if leaves and lemma not in _MAY_MOVE:
        return False
    return action not in ("collapse", "fall") and not (lemma == "stand" and action in ("sit", "lie", "kneel"))


def _ends_held(left: Stretch, kind: str) -> bool:
    first, last = left.mains[0], left.mains[-1]
    if is_held(left, last):
        return True
    # "sits and waves and smiles"; a comma before "and" counts the actions instead.
    lasting = kind == "and" and left.reading.form(left.end) == "and" and first.verb.form == "s"
    return lasting and last.verb.lemma not in RISES | LOCOMOTION | {"step"} and is_held(left, first)


def _is_taken(left: Stretch, main: PlacedVerb) -> bool:
    """ "sits on the floor, crosses the legs": a posture that is taken, not held."""
    after = left.reading.form(main.position + 1)
    return main.verb.lemma in ("sit", "kneel", "lie") and after in ("on", "in")


def _leaves_place(left: Stretch, lead: Lead) -> bool:
    """Whether the action ends any posture: "walks", "starts to walk", "takes a step", "gets pushed"."""
    reading, action = left.reading, lead.verb
    if action.lemma in _ATTEMPTS:
        following = reading.verbs[lead.position + 1 : lead.position + 4]
        action = next((verb for verb in following if verb is not None), action)
    if action.lemma == "take":
        return bool({"step", "steps"}.intersection(reading.forms(lead.position + 1, lead.position + 5)))
    return action.lemma in _LEAVES


def _tries_to_rise(left: Stretch, lead: Lead) -> bool:
    following = left.reading.verbs[lead.position + 1 : lead.position + 4]
    rises = any(verb is not None and verb.lemma in RISES for verb in following)
    return lead.verb.lemma in _ATTEMPTS and rises
