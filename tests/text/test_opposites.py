"""A word and its contraries, and captions that differ in one of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mate_hf.modeling.word_spans import find_words
from mate_hf.text.opposites import ANTONYMS, antonym_negatives, contraries

WORDS = [word for pair in ANTONYMS for word in pair]


def test_one_twin_for_each_word_that_has_an_antonym() -> None:
    found = antonym_negatives("Left arm up, he turns counter-clockwise and walks Slowly.")
    assert [(negative.pair, negative.text) for negative in found] == [
        ("left/right", "Right arm up, he turns counter-clockwise and walks Slowly."),
        ("up/down", "Left arm down, he turns counter-clockwise and walks Slowly."),
        ("clockwise/counterclockwise", "Left arm up, he turns clockwise and walks Slowly."),
        ("slowly/quickly", "Left arm up, he turns counter-clockwise and walks Quickly."),
    ]
    assert antonym_negatives("the leftover upright person sits") == []


@given(st.lists(st.sampled_from([*WORDS, "person", "walks", "the", "hand"]), max_size=8))
def test_the_twin_of_a_twin_is_the_caption(words: list[str]) -> None:
    caption = " ".join(words)
    for place, negative in zip(
        [n for n, word in enumerate(words) if word in WORDS], antonym_negatives(caption), strict=True
    ):
        changed = [text for text, _, _ in find_words(negative.text)]
        assert [n for n, pair in enumerate(zip(words, changed, strict=True)) if len(set(pair)) > 1] == [place]
        assert caption in [back.text for back in antonym_negatives(negative.text)]


def test_contraries_go_both_ways_and_know_the_spellings() -> None:
    assert contraries("Left") == ("right",)
    assert contraries("counter-clockwise") == contraries("anticlockwise") == ("clockwise",)
    assert set(contraries("two")) == {"one", "three"}
    assert "slowly" in contraries("rapidly")
    assert contraries("person") == ()
