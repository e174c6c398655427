"""Antonym negatives differ in one word, and a choice is right where the caption lies nearer to its motion."""

from __future__ import annotations

import pytest
import torch

from mate_hf.evaluation.words.antonym_choice import choices, swap_metrics


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
