"""How a stretch of a caption begins: with a verb, with someone who acts, or with a phrase before the verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mate_hf.text.decomposition.main_clause import find_main_verbs
from mate_hf.text.decomposition.tokens import Token
from mate_hf.text.decomposition.verbs import Verb
from mate_hf.text.decomposition.word_sets import (
    ADVERBS,
    AUXILIARIES,
    BODY_PARTS,
    DETERMINERS,
    PEOPLE,
    PREPOSITIONS,
    PRONOUNS,
    SUBORDINATORS,
    word_set,
)

_OPENS_NO_ACTION = SUBORDINATORS - {"while", "once"} | {"so"}
_OPENS_PHRASE = PREPOSITIONS | {"to", "while", "after", "on"}
_ENDS_SUBJECT = PREPOSITIONS - {"of"} | word_set("to , . ; while as")
_WITHIN_SUBJECT = DETERMINERS | ADVERBS | AUXILIARIES | word_set("then left right and of who that")
_WITHIN_SUBJECT_TAGS = ("JJ", "RB", "CD", "VBN", "VBG", "POS")
_BEFORE_NOUN = word_set("first second both either")
_LONGEST_SUBJECT = 9


@dataclass(frozen=True)
class Lead:
    """How a stretch begins.

    Attributes:
        position: of its first verb.
        verb: the verb there.
        subject: who does it: "person", "body" (a part of one), "other", or "" where no one is named.
        after_phrase: whether a phrase comes first: "with the left hand waves".
    """

    position: int
    verb: Verb
    subject: str = ""
    after_phrase: bool = False


def find_lead(tokens: Sequence[Token], verbs: Sequence[Verb | None], start: int, end: int) -> Lead | None:
    """How the tokens from `start` to `end` begin; None where no verb leads them ("then with the left")."""
    start = _skip_adverbs(tokens, verbs, start, end)
    if start >= end or tokens[start].form in _OPENS_NO_ACTION:
        return None
    if (verb := verbs[start]) is not None:
        return Lead(start, verb)
    if (lead := _after_subject(tokens, verbs, start, end)) is not None:
        return lead
    return _after_phrase(tokens, verbs, start, end) if tokens[start].form in _OPENS_PHRASE else None


def _skip_adverbs(tokens: Sequence[Token], verbs: Sequence[Verb | None], position: int, end: int) -> int:
    while position < end and verbs[position] is None:
        form = tokens[position].form
        if form not in ADVERBS and (not form.endswith("ly") or form == "belly"):
            break
        after = tokens[position + 1].form if position + 1 < len(tokens) else ""
        if form in _BEFORE_NOUN and after in BODY_PARTS | PEOPLE | {"of", "left", "right"}:
            break
        position += 1
    return position


def _after_subject(
    tokens: Sequence[Token], verbs: Sequence[Verb | None], start: int, end: int
) -> Lead | None:
    """The first verb after a noun phrase that begins at `start`: "his left arm slowly moves"."""
    head = ""
    for position in range(start, min(end, start + _LONGEST_SUBJECT)):
        token, verb = tokens[position], verbs[position]
        if verb is not None and verb.form in ("s", "base", "past") and head:
            return Lead(position, verb, subject=_kind_of_subject(head))
        if verb is not None and verb.form != "ing":
            # "long jumps forward"
            adjectives = all(before.tag == "JJ" for before in tokens[start:position])
            return Lead(position, verb) if verb.form == "s" and adjectives else None
        if token.form in _ENDS_SUBJECT:
            return None
        if token.tag.startswith("NN") or token.form in PRONOUNS | PEOPLE | BODY_PARTS:
            head = token.form
        elif token.form not in _WITHIN_SUBJECT and token.tag not in _WITHIN_SUBJECT_TAGS:
            return None
    return None


def _kind_of_subject(head: str) -> str:
    if head in PRONOUNS or head in PEOPLE - BODY_PARTS:
        return "person"
    return "body" if head in BODY_PARTS else "other"


def _after_phrase(tokens: Sequence[Token], verbs: Sequence[Verb | None], start: int, end: int) -> Lead | None:
    for position, verb in find_main_verbs(tokens, verbs, start, end):
        sure = verb.form == "s" or (verb.form == "base" and tokens[position].tag in ("VB", "VBP"))
        if sure and position > start:
            return Lead(position, verb, after_phrase=True)
    return None
