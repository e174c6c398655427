"""A word takes the segment of the sub-text that holds it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.text.sub_text_words import sub_text_of_words


@pytest.mark.parametrize(
    ("caption", "sub_texts", "owners"),
    [
        ("he walks, then sits", ["he walks", "sits"], [0, 0, None, 1]),
        ("after jumping he sits", ["jumping", "he sits"], [None, 0, 1, 1]),
        ("walks left then walks left again", ["walks left", "walks left again"], [0, 0, None, 1, 1, 1]),
        ("jumps and jumps", ["jumps", "jumps"], [0, None, 1]),
        ("Sits DOWN", ["sits down"], [0, 0]),
        ("turns left and left hand waves", ["turns left", "left hand waves"], [0, 0, None, 1, 1, 1]),
        ("waves while he turns left", ["he turns left waves"], [0, None, 0, 0, 0]),
        ("he sits", [], [None, None]),
    ],
)
def test_words_belong_to_their_sub_text(caption: str, sub_texts: list[str], owners: list[int | None]) -> None:
    assert sub_text_of_words(caption, sub_texts) == owners


@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5), min_size=1, max_size=4))
def test_pieces_of_a_caption_cover_it_whatever_repeats(pieces: list[list[str]]) -> None:
    texts = [" ".join(piece) for piece in pieces]
    owners = sub_text_of_words(" ".join(texts), texts)
    assert None not in owners
    assert sorted(number for number in owners if number is not None) == [
        number for number, piece in enumerate(pieces) for _ in piece
    ]
