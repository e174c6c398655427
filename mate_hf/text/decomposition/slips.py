"""Slips of the keyboard around "then": "them walks", "an then", "the turns to the left"."""

from __future__ import annotations

from mate_hf.text.decomposition.inflection import VERB_FORMS
from mate_hf.text.decomposition.word_sets import LIGHT_VERBS, LOCOMOTION, NEEDS_OBJECT, PREPOSITIONS

_THEN = frozenset(
    ["thenn", "tehn", "hten", "thne", "thean", "the", "them", "than", "thwn", "thn", "ten", "ther"]
)
_NEEDS_NOTHING = LOCOMOTION | {
    "stop",
    "turn",
    "stand",
    "sit",
    "squat",
    "pause",
    "bow",
    "kneel",
    "wait",
    "step",
}
_STAIRS = frozenset(["up", "down", "off", "on", "over", "of"])


def mended(forms: list[str]) -> list[str]:
    """The words as they were meant: "then" and "and" for their slips, everything else unchanged."""
    forms = list(forms)
    for position, form in enumerate(forms):
        following = forms[position + 1 :]
        if form == "an" and (following[:1] == ["then"] or _opens_action(form, following)):
            forms[position] = "and"
        elif form in _THEN and position and _opens_action(form, following) and _may_pause(forms, position):
            forms[position] = "then"
    return forms


def _opens_action(form: str, following: list[str]) -> bool:
    """Whether "walks" or "slowly walks" follows; after "than" also "he walks"."""
    if form == "than" and following[:1] in (["he"], ["she"], ["they"]):
        return len(following) > 1 and following[1] in VERB_FORMS
    if following and following[0].endswith("ly"):
        following = following[1:]
    return bool(following) and "s" in VERB_FORMS.get(following[0], {})


def _may_pause(forms: list[str], position: int) -> bool:
    """Whether a slip for "then" can stand here: not "kicks them", not "up the steps"."""
    form, before, after = forms[position], forms[position - 1], forms[position + 1]
    if form not in ("the", "them"):
        return True
    actions = set(VERB_FORMS.get(before, {}).values())
    if before in PREPOSITIONS or actions & (LIGHT_VERBS | NEEDS_OBJECT) or not actions <= _NEEDS_NOTHING:
        return False
    return after != "steps" or (not actions and before not in _STAIRS)
