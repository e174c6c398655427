"""Captions with one word turned, of the kinds that are asked about."""

from __future__ import annotations

from datasets import Dataset

from benchmarks.heard_words import WORDS, turned_captions
from mate_hf.data.split import Split
from mate_hf.text.opposites import contraries


def test_the_first_word_of_a_kind_is_turned() -> None:
    captions = ["A man kicks Left, then left", "nobody turns", "he kicks twice before he sits"]
    split = Split(Dataset.from_dict({"caption": captions}))
    assert list(turned_captions(split, WORDS["side"])) == [(0, captions[0], "A man kicks Right, then left")]
    assert list(turned_captions(split, WORDS["count"])) == [(2, captions[2], "he kicks once before he sits")]
    assert list(turned_captions(split, WORDS["order"])) == [(2, captions[2], "he kicks twice after he sits")]


def test_every_word_that_is_turned_has_a_contrary() -> None:
    assert all(contraries(word) for words in WORDS.values() for word in words)
