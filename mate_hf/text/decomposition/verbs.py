"""Which words of a caption are verbs of their own: "turns around", not "takes two turns"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mate_hf.text.decomposition.inflection import forms_of
from mate_hf.text.decomposition.noun_uses import is_noun
from mate_hf.text.decomposition.tokens import Token
from mate_hf.text.decomposition.word_sets import (
    AUXILIARIES,
    BE,
    BODY_PARTS,
    DETERMINERS,
    PARTICLES,
    PEOPLE,
    PREPOSITIONS,
    PRONOUNS,
    word_set,
)

_TAG_FORMS = {"VBZ": "s", "VBG": "ing", "VBD": "past", "VB": "base", "VBP": "base"}
_AUXILIARY_VERBS = {
    "being": ("ing", "be"),
    **dict.fromkeys(("is", "are", "am", "'s", "'re"), ("s", "be")),
    **dict.fromkeys(("was", "were"), ("past", "be")),
    **{"has": ("s", "have"), "have": ("base", "have"), "having": ("base", "have"), "had": ("past", "have")},
    **{"gets": ("s", "get"), "get": ("base", "get"), "got": ("past", "get")},
    **{"does": ("s", "do"), "do": ("base", "do"), "did": ("past", "do")},
}
_OPENERS = frozenset(["", "and", "then", ",", ".", "but"])
_OBJECTS = (
    word_set("it them him himself herself themselves itself something someone left right to") | DETERMINERS
)
_DIRECTIONS = word_set("left right back forward forwards backwards sideways like down up")
_ADJECTIVES = word_set("complete open dry clean lower slow warm loose close step cross tilt")
_NO_VERBS = word_set("something nothing during")
_NO_VERB_ENDINGS = (
    "wards",
    "ways",
    "stairs",
    "ss",
    "us",
    "is",
    "perhaps",
    "times",
    "steps",
    "things",
    "else's",
)
_NEITHER = BODY_PARTS | PRONOUNS | PARTICLES | DETERMINERS | PREPOSITIONS | _NO_VERBS


@dataclass(frozen=True)
class Verb:
    """A verb of its own.

    `form` is "s" (walks), "base" (walk), "ing", "past" or "to" (to walk); `lemma` is its dictionary form, or
    the spelling where the lexicon has no such verb.
    """

    form: str
    lemma: str


def find_verbs(tokens: Sequence[Token]) -> list[Verb | None]:
    """The verb that each token is, None for all other tokens."""
    verbs: list[Verb | None] = []
    lemmas: list[str | None] = []
    for position in range(len(tokens)):
        verb = _verb(tokens, position, lemmas)
        verbs.append(verb)
        lemmas.append(verb.lemma if verb else None)
    return verbs


def _verb(tokens: Sequence[Token], position: int, lemmas: Sequence[str | None]) -> Verb | None:
    form = tokens[position].form
    if form in _DIRECTIONS or form in AUXILIARIES:
        return _auxiliary(tokens, position)
    forms = forms_of(form)
    if not forms:
        return _unknown(tokens, position)
    if "base" in forms and _follows_to(tokens, position):
        return Verb("to", forms["base"])
    kind = _kind(forms, tokens, position)
    if kind is None or is_noun(tokens, position, kind, lemmas):
        return None
    return Verb(kind, forms[kind])


def _auxiliary(tokens: Sequence[Token], position: int) -> Verb | None:
    """Forms of "be", "have", "get" and "do", and the "left" that means a departure."""
    form, tag = tokens[position].form, tokens[position].tag
    if form == "left" and tag == "VBD" and position and tokens[position - 1].form in PEOPLE:
        return Verb("past", "leave")
    if form not in _AUXILIARY_VERBS or (form == "'s" and tag == "POS"):
        return None
    kind, lemma = _AUXILIARY_VERBS[form]
    to = form in ("get", "do") and _follows_to(tokens, position)
    return Verb("to" if to else kind, lemma)


def _unknown(tokens: Sequence[Token], position: int) -> Verb | None:
    """A spelling that is not in the lexicon: spaCy's tag, or an "-s" where only a verb can stand."""
    form, kind = tokens[position].form, _TAG_FORMS.get(tokens[position].tag)
    before, after = _form(tokens, position - 1), _form(tokens, position + 1)
    if not form[:1].isalpha() or before in DETERMINERS or form in _NEITHER or form.endswith(_NO_VERB_ENDINGS):
        return None
    if kind == "base":
        return Verb("to", form) if before == "to" else _opening_base(tokens, position, before)
    if kind == "ing" and form.endswith("ing"):
        return None if before in PREPOSITIONS and after in BODY_PARTS else Verb("ing", form)
    if kind == "past" and form.endswith("ed"):
        return Verb("past", form)
    if form.endswith("s") and (kind == "s" or _must_be_verb(tokens[position], before, after)):
        return Verb("s", form)
    return None


def _opening_base(tokens: Sequence[Token], position: int, before: str) -> Verb | None:
    form, tag = tokens[position].form, tokens[position].tag
    if form.endswith("s") and _must_be_verb(tokens[position], before, _form(tokens, position + 1)):
        return Verb("s", form)
    return Verb("base", form) if tag == "VB" and before in _OPENERS else None


def _must_be_verb(token: Token, before: str, after: str) -> bool:
    """Whether "-s" is a verb by its neighbours: "then stutters", "a person zigzags", "and drys their hair"."""
    if len(token.form) <= 3:
        return False
    if before == "then" or before in PEOPLE:
        return True
    return before in _OPENERS and (after in _OBJECTS or (before == "" and token.tag[:1] in ("N", "V")))


def _kind(forms: dict[str, str], tokens: Sequence[Token], position: int) -> str | None:
    """Which of the spelling's forms is meant; None where it only describes ("with arms raised")."""
    tag = tokens[position].tag
    if (tagged := _TAG_FORMS.get(tag)) in forms:
        return tagged
    for kind in ("s", "ing"):
        if kind in forms:
            return kind
    before = _before_adverbs(tokens, position)
    opens = before in _OPENERS or before in PEOPLE
    if "base" not in forms:
        passive = any(token.form in BE for token in tokens[max(0, position - 3) : position])
        return "past" if opens or passive else None
    described = tag == "VBN" or (tag == "JJ" and forms["base"] in _ADJECTIVES)
    return "base" if opens and not described else None


def _form(tokens: Sequence[Token], position: int) -> str:
    return tokens[position].form if 0 <= position < len(tokens) else ""


def _before_adverbs(tokens: Sequence[Token], position: int) -> str:
    while position and tokens[position - 1].form.endswith("ly"):
        position -= 1
    return _form(tokens, position - 1)


def _follows_to(tokens: Sequence[Token], position: int) -> bool:
    while position and (tokens[position - 1].form.endswith("ly") or tokens[position - 1].form == "then"):
        position -= 1
    return _form(tokens, position - 1) == "to"
