"""Lemmas of captions: the inflections of motion words join, directions never turn into something else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.modeling.word_spans import find_words
from mate_hf.text import lemmas as lemmas_module
from mate_hf.text.lemma_votes import settle_lemmas
from mate_hf.text.lemmas import Lemmatizer
from tests.text.lemma_cases import LEMMA_CASES


@pytest.fixture(scope="module")
def lemmatizer() -> Lemmatizer:
    return Lemmatizer()


@pytest.mark.parametrize(("caption", "expected"), LEMMA_CASES)
def test_every_word_has_the_lemma_a_person_would_give_it(
    lemmatizer: Lemmatizer, caption: str, expected: dict[str, str]
) -> None:
    (lemmas,) = lemmatizer.lemmas([caption])
    found: dict[str, set[str]] = {word: set() for word in expected}
    for (text, _, _), lemma in zip(find_words(caption), lemmas, strict=True):
        if text in expected:
            found[text].add(lemma)
    assert found == {word: {lemma} for word, lemma in expected.items()}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=30), max_size=3))
def test_lemmas_align_with_words_whatever_the_text(lemmatizer: Lemmatizer, captions: list[str]) -> None:
    for caption, lemmas in zip(captions, lemmatizer.lemmas(captions), strict=True):
        assert len(lemmas) == len(find_words(caption))
        assert all(lemmas)


def test_case_does_not_change_a_lemma(lemmatizer: Lemmatizer) -> None:
    caption = "a person walks left, jogs backwards and doesn't stop"
    plain, shouted = lemmatizer.lemmas([caption, caption.upper()])
    assert plain == shouted


def test_the_tagger_reads_the_caption_as_it_was_written(lemmatizer: Lemmatizer) -> None:
    caption = "the person's arm... (it's \"up\") doesn't move, then stops."
    doc, heads = lemmas_module._document(lemmatizer._nlp, caption)
    assert doc.text == caption
    assert [doc[head].text for head in heads][1:6] == ["person", "arm", "it", "up", "n't"]


@pytest.mark.usefixtures("quick_workers")
def test_more_processes_give_the_same_lemmas_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lemmas_module, "_SHARE", 4)
    captions = [caption for caption, _ in LEMMA_CASES[:20]]
    one, two = (list(Lemmatizer(workers).lemmas(captions)) for workers in (1, 2))
    assert one == two


def test_readings_of_a_form_vote() -> None:
    settled = settle_lemmas(
        {
            "walking": Counter(walk=90, walking=10),
            "slapping": Counter(slapping=20, slap=12),
            "railing": Counter(railing=108, rail=16),
            "ground": Counter(ground=9, grind=8),
            "shot": Counter(shot=1, shoot=1),
        }
    )
    assert settled == {
        "walking": "walk",
        "slapping": "slap",
        "railing": "railing",
        "ground": "ground",
        "shot": "shoot",
    }


def test_a_hyphen_does_not_split_a_word_into_two_prototypes() -> None:
    votes = {"side-steps": Counter({"side-step": 2}), "sidestep": Counter(sidestep=1)}
    assert settle_lemmas(votes) == {"side-steps": "sidestep", "sidestep": "sidestep"}
    assert settle_lemmas({"t-pose": Counter({"t-pose": 1})}) == {"t-pose": "t-pose"}
