"""Paraphrases in untrained words: what is said, and what is counted."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from mate_hf.evaluation.words.paraphrases import ALIKE, paraphrase, paraphrase_metrics


def test_words_are_told_by_the_first_that_was_not_trained() -> None:
    trained = {"a", "person", "individual", "walks", "strolls", "quickly"}
    assert paraphrase("A person walks, quickly!", trained) == "A human ambles, rapidly!"
    assert paraphrase("a person", {"individual", "human"}) is None
    assert paraphrase("nothing known", set()) is None


def test_every_word_has_others_and_none_is_its_own() -> None:
    assert all(others and word not in others for word, others in ALIKE.items())


def test_one_caption_a_motion_is_ranked_in_batches_of_32() -> None:
    torch.manual_seed(0)
    features: dict[str, Tensor] = {}

    def encode(texts: list[str]) -> Tensor:
        return torch.stack([features.setdefault(text, torch.randn(5)) for text in texts])

    names = [f"motion{number}" for number in range(40)]
    captions = [f"a person walks {number}" for number in range(40)]
    motions = encode(captions)
    items = [
        (name, text, row) for name, text, row in zip(names, captions, motions, strict=True) for _ in range(2)
    ]
    found = paraphrase_metrics(items, encode, {"walks", "person"})
    assert found["count"] == 40
    # A caption is its motion's own feature; paraphrases are noise.
    assert found["R@1 before"] == 100.0
    assert found["R@1"] < 30
    others = encode([f"a individual strolls {number}" for number in range(40)])
    expected = torch.nn.functional.cosine_similarity(others, motions).mean()
    assert found["cosine"] == pytest.approx(float(expected), abs=1e-6)
    few = paraphrase_metrics(items[:10], encode, set())
    assert few["count"] == 5
    assert "R@1" not in few
    assert paraphrase_metrics([], encode, set()) == {"count": 0}
