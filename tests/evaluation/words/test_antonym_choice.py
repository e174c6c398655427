"""Antonym negatives differ in one word, and a choice is right where the caption lies nearer to its motion."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.evaluation.words.antonym_choice import choices, swap_metrics
from mate_hf.evaluation.words.word_pairs import ANTONYMS, antonym_negatives
from mate_hf.modeling.word_spans import find_words

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


def test_metrics_are_those_of_counting_one_at_a_time() -> None:
    captions = ["turns left", "turns right and walks slowly", "lifts the left arm", "sits"]
    random = torch.Generator().manual_seed(0)
    table: dict[str, torch.Tensor] = {}

    def encode(texts: list[str]) -> torch.Tensor:
        for text in texts:
            table.setdefault(text, torch.randn(6, generator=random))
        return torch.stack([table[text] for text in texts])

    motions = torch.randn(4, 6, generator=random)
    groups = [("one action",), ("several actions", "held-out combinations"), ("one action",), ("one action",)]
    found = choices(zip(captions, motions, groups, strict=True), encode, {"left", "right", "slowly"})
    scores = swap_metrics(found)

    def margin(caption: str, negative: str, motion: torch.Tensor) -> float:
        near = torch.cosine_similarity(table[caption], motion, dim=0)
        return float(near - torch.cosine_similarity(table[negative], motion, dim=0))

    left = [
        margin("turns left", "turns right", motions[0]),
        margin("turns right and walks slowly", "turns left and walks slowly", motions[1]),
        margin("lifts the left arm", "lifts the right arm", motions[2]),
    ]
    slow = margin("turns right and walks slowly", "turns right and walks quickly", motions[1])
    expected = {
        "all": [*left, slow],
        "pair left/right": left,
        "pair slowly/quickly": [slow],
        "one action": [left[0], left[2]],
        "several actions": [left[1], slow],
        "held-out combinations": [left[1], slow],
        "untrained": [slow],
    }
    assert scores.keys() == expected.keys()
    for name, margins in expected.items():
        assert scores[name]["count"] == len(margins)
        assert scores[name]["margin"] == pytest.approx(sum(margins) / len(margins), abs=1e-6)
        right = sum(value > 0 for value in margins)
        assert scores[name]["accuracy"] == pytest.approx(100 * right / len(margins))


def test_an_encoder_that_reads_no_word_gets_half_right() -> None:
    found = choices([("turns left", torch.ones(3), ())] * 3, lambda texts: torch.ones(len(texts), 3))
    assert swap_metrics(found)["all"] == {"count": 3, "accuracy": 50.0, "margin": 0.0}


def test_captions_without_antonyms_offer_no_choice() -> None:
    assert swap_metrics(choices([("sits", torch.ones(3), ())], lambda texts: torch.ones(len(texts), 3))) == {}
