"""Nouns that are spelled like verbs: "two turns", "a high kick", "throws punches", "a standing position"."""

from __future__ import annotations

from collections.abc import Sequence

from mate_hf.text.decomposition.inflection import VERB_FORMS
from mate_hf.text.decomposition.tokens import Token
from mate_hf.text.decomposition.word_sets import (
    BODY_PARTS,
    DETERMINERS,
    LIGHT_VERBS,
    NUMBERS,
    PARTICLES,
    PEOPLE,
    PREPOSITIONS,
    word_set,
)

_MODIFIER_TAGS = ("JJ", "JJR", "JJS", "CD", "NN", "NNS", "NNP", "VBG", "VBN")
_NEVER_NOUNS = word_set("stop turn sit stand leave return rest land fall walk")
_PAIR_ENDS = word_set(". , and with in")


def is_noun(tokens: Sequence[Token], position: int, form: str, lemmas: Sequence[str | None]) -> bool:
    """Whether what stands before it makes this spelling of a verb a noun.

    Args:
        tokens: the caption's tokens.
        position: the token in question.
        form: its verb form, were it one: "s", "base", "ing" or "past".
        lemmas: for each token before it, the lemma of the verb that it is, or None.
    """
    if not position:
        return False
    before = tokens[position - 1]
    if before.form in DETERMINERS:
        return True
    if form == "past":
        return False
    if form == "ing":
        return _is_modifier(tokens, position)
    if before.form == "in":
        if form == "s":
            return tokens[position].tag != "VBZ"
    elif before.form in PREPOSITIONS:
        return True
    return _closes_pair(tokens, position, lemmas) or _ends_noun_phrase(tokens, position, form, lemmas)


def _is_modifier(tokens: Sequence[Token], position: int) -> bool:
    """Whether a participle belongs to the noun after it: "from a low squatting position"."""
    if position + 1 == len(tokens):
        return False
    before, after = tokens[position - 1], tokens[position + 1]
    if after.tag not in ("NN", "NNS") or after.form in BODY_PARTS:
        return False
    sided = before.form in ("left", "right") and position > 1 and tokens[position - 2].form in DETERMINERS
    return sided or (before.tag == "JJ" and before.form not in PARTICLES)


def _closes_pair(tokens: Sequence[Token], position: int, lemmas: Sequence[str | None]) -> bool:
    """Whether it is the second of two nouns: "does squats and jumps"."""
    if tokens[position - 1].form != "and" or position < 2 or lemmas[position - 2] is not None:
        return False
    first = VERB_FORMS.get(tokens[position - 2].form, {})
    counted = position > 2 and tokens[position - 3].form in DETERMINERS
    if "s" not in first or counted or VERB_FORMS.get(tokens[position].form, {}).get("s") in _NEVER_NOUNS:
        return False
    return position + 1 == len(tokens) or tokens[position + 1].form in _PAIR_ENDS


def _ends_noun_phrase(
    tokens: Sequence[Token], position: int, form: str, lemmas: Sequence[str | None]
) -> bool:
    start = position
    while start and _can_modify(tokens[start - 1], lemmas[start - 1]):
        start -= 1
    if not start:
        return False
    modifiers = {token.form for token in tokens[start:position]}
    if lemmas[start - 1] in LIGHT_VERBS:
        return bool(modifiers & NUMBERS) or not modifiers & BODY_PARTS
    untagged = form == "base" and tokens[position].tag not in ("VB", "VBP")
    if start == position:
        return False
    if tokens[start - 1].form in PREPOSITIONS and all(token.tag == "JJ" for token in tokens[start:position]):
        return True
    if tokens[start - 1].form not in DETERMINERS:
        return untagged
    if any(lemma in LIGHT_VERBS for lemma in _last_verb(lemmas, start)):
        return not modifiers & (BODY_PARTS | PARTICLES - {"side"})
    adjective = tokens[position - 1].tag in ("JJ", "CD") and tokens[position - 1].form not in PARTICLES
    return adjective or untagged


def _can_modify(token: Token, lemma: str | None) -> bool:
    return token.tag in _MODIFIER_TAGS and lemma is None and token.form not in PEOPLE


def _last_verb(lemmas: Sequence[str | None], end: int) -> list[str]:
    """The lemma of the last verb before `end` where it stands within three words, else nothing."""
    near = [lemma for lemma in lemmas[max(0, end - 3) : end] if lemma is not None]
    return near[-1:]
