"""The verbs of a main clause, without those of "while ...", "as if ...", "with arms raised" or "to pick up"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mate_hf.text.decomposition.tokens import Token
from mate_hf.text.decomposition.verbs import Verb
from mate_hf.text.decomposition.word_sets import (
    BODY_PARTS,
    PREPOSITIONS,
    PRONOUNS,
    RAISING,
    SUBORDINATORS,
    word_set,
)

_RELATIVES = word_set("who that which")
_BEFORE_PARTICIPLE = word_set("be keep start begin continue stop")
_REACH = 3


class PlacedVerb(NamedTuple):
    """A verb and the position of its token."""

    position: int
    verb: Verb


def find_main_verbs(
    tokens: Sequence[Token], verbs: Sequence[Verb | None], start: int, end: int
) -> list[PlacedVerb]:
    """The main verbs from `start` to `end`, in order; "starts to walk" has two."""
    found: list[PlacedVerb] = []
    nested = initial = described = False
    for position in range(start, end):
        form, verb = tokens[position].form, verbs[position]
        if form == "," and initial:
            nested = initial = False
        if form == "with" and not found:
            described = True
        if described and (form == "," or (verb is not None and _ends_description(tokens, position, verb))):
            described = False
        if _opens_subordinate(tokens, verbs, position, bool(found)):
            nested, initial = True, initial or not found
        if verb is None or nested or described:
            continue
        before = tokens[position - 1].form if position > start else ""
        if _is_main(verbs, position, verb, found, before):
            found.append(PlacedVerb(position, verb))
    return found


def _opens_subordinate(
    tokens: Sequence[Token], verbs: Sequence[Verb | None], position: int, has_main: bool
) -> bool:
    form = tokens[position].form
    if form in _RELATIVES:
        # "a person who jumps" has no other verb.
        return has_main
    if form == "like":
        pronoun = any(token.form in PRONOUNS for token in tokens[position + 1 : position + 3])
        return pronoun or any(verbs[position + 1 : position + 2])
    return form in SUBORDINATORS


def _ends_description(tokens: Sequence[Token], position: int, verb: Verb) -> bool:
    """Whether "with arms spread wide" is over at this verb."""
    past = tokens[position].tag == "VBD" and tokens[position - 1].form not in BODY_PARTS
    return verb.form == "s" or past


def _is_main(
    verbs: Sequence[Verb | None], position: int, verb: Verb, found: list[PlacedVerb], before: str
) -> bool:
    last = found[-1] if found else None
    near = last is not None and position - last.position <= _REACH
    if verb.form == "to":
        return last is not None and _is_action_itself(verbs, position)
    if verb.form == "ing":
        if before in PREPOSITIONS or before == "while":
            return False
        return last is None or (near and last.verb.lemma in _BEFORE_PARTICIPLE)
    if verb.form == "past" and last is not None and all(main.verb.form == "s" for main in found):
        return near and last.verb.lemma in ("be", "get")
    return True


def _is_action_itself(verbs: Sequence[Verb | None], position: int) -> bool:
    """Whether the infinitive at `position` is no purpose: "starts to walk", not "bends to pick up"."""
    near = [verb for verb in verbs[max(0, position - _REACH - 1) : position] if verb is not None]
    return bool(near) and near[-1].lemma in RAISING
