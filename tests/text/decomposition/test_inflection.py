"""Spellings of motion verbs: a wrong one is a verb that no caption has."""

from __future__ import annotations

import pytest

from mate_hf.text.decomposition.inflection import VERB_FORMS, forms_of
from mate_hf.text.decomposition.lexicon import IRREGULAR_VERBS, REGULAR_VERBS
from mate_hf.text.english import open_spacy


@pytest.mark.parametrize(
    ("spelling", "form", "lemma"),
    [
        ("crouches", "s", "crouch"),
        ("carries", "s", "carry"),
        ("sways", "s", "sway"),
        ("goes", "s", "go"),
        ("lying", "ing", "lie"),
        ("squatting", "ing", "squat"),
        ("tiptoeing", "ing", "tiptoe"),
        ("beginning", "ing", "begin"),
        ("entering", "ing", "enter"),
        ("stepped", "past", "step"),
        ("carried", "past", "carry"),
        ("knelt", "past", "kneel"),
        ("put", "past", "put"),
        ("put", "base", "put"),
    ],
)
def test_verbs_are_inflected_as_english_does(spelling: str, form: str, lemma: str) -> None:
    assert VERB_FORMS[spelling][form] == lemma


def test_spacys_own_tables_know_every_spelling_but_one() -> None:
    tables = open_spacy(("parser", "ner")).get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
    exceptions, rules = tables.get_table("lemma_exc")["verb"], tables.get_table("lemma_rules")["verb"]
    index = set(tables.get_table("lemma_index")["verb"])

    def lemmas(spelling: str) -> set[str]:
        cut = {spelling[: len(spelling) - len(old)] + new for old, new in rules if spelling.endswith(old)}
        return cut | set(exceptions.get(spelling, ())) | {spelling}

    wrong = {
        spelling: lemma
        for spelling, forms in VERB_FORMS.items()
        for lemma in forms.values()
        if lemma in index and lemma not in lemmas(spelling)
    }
    assert wrong == {"readied": "ready"}


def test_no_verb_is_listed_twice() -> None:
    regular = REGULAR_VERBS.split()
    assert len(set(regular)) == len(regular)
    assert not set(regular) & set(IRREGULAR_VERBS)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("streches", "stretch"), ("squattting", "squat"), ("perfoms", "perform"), ("stummbled", "stumble")],
)
def test_one_wrong_letter_is_forgiven(slip: str, meant: str) -> None:
    assert meant in forms_of(slip).values()


@pytest.mark.parametrize(
    "word", ["strides", "railing", "hands", "somethin", "shoulders", "wals", "forward", ""]
)
def test_other_words_are_no_slips(word: str) -> None:
    assert forms_of(word) == {}
