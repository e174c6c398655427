"""The contract refuses what would teach a word the wrong part of a motion, whoever answered."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.text.decomposition.contract import breach

CAPTION = "A man walks, turns and walks back."
VERBS = {"walks", "turns"}


def holds_verb(text: str) -> bool:
    return any(word.strip(",.").lower() in VERBS for word in text.split())


@pytest.mark.parametrize(
    "sub_texts",
    [
        ["A man walks", "turns", "walks back"],
        ["a man WALKS,", "turns.", "Walks back!"],
        ["walks back", "a man walks"],
        [CAPTION],
        ["a man walks turns and walks back"],
    ],
)
def test_answers_that_keep_the_contract_pass(sub_texts: list[str]) -> None:
    assert breach(CAPTION, sub_texts, holds_verb) is None


@pytest.mark.parametrize(
    ("sub_texts", "complaint"),
    [
        ([], "there is no sub-text"),
        (["a man walks", ""], "'' has no word"),
        (["a man walks", "?!"], "has no word"),
        (["a man walks", "then turns"], "'then' .* is not a word of the caption"),
        (["a man walks", "turns and turns"], "'turns' .* more often than in the caption"),
        (["a man walks", "turns", "walks back", "walks"], "'walks' .* more often"),
        (["a man walks", "back"], "'back' holds no verb"),
        (["a man walks"], "not the whole sentence"),
        (["walks back a man walks turns and"], "not the whole sentence"),
        ([""], "not the whole sentence"),
        ("A man walks", "expected a list"),
        (["a man walks", 3], "expected a list"),
    ],
)
def test_answers_that_break_it_are_named(sub_texts: list[str], complaint: str) -> None:
    found = breach(CAPTION, sub_texts, holds_verb)
    assert found is not None
    assert re.search(complaint, found)


@pytest.mark.parametrize("caption", ["", "  ", "...", " ?! "])
def test_a_caption_without_words_is_kept_as_it_is(caption: str) -> None:
    assert breach(caption, [caption.strip()], holds_verb) is None
    assert breach(caption, ["walks"], holds_verb) is not None


@given(st.lists(st.sampled_from(["walks", "turns", "a", "man", "back", "then"]), max_size=8), st.data())
def test_words_are_counted_as_a_naive_reader_counts_them(words: list[str], data: st.DataObject) -> None:
    drawn = data.draw(
        st.lists(st.lists(st.sampled_from([*words, "new"]), min_size=1), min_size=2, max_size=4)
    )
    used = [word for part in drawn for word in part]
    allowed = all(used.count(word) <= words.count(word) for word in used)
    acts = all(VERBS & set(part) for part in drawn)
    found = breach(" ".join(words), [" ".join(part) for part in drawn], holds_verb)
    assert (found is None) == (allowed and acts)
