"""Both ways of the benchmark compute the same."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from benchmarks import word_losses
from mate_hf.modeling.word_attention import WordAttention
from mate_hf.objectives import losses


def test_the_two_ways_agree_and_a_difference_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    features = word_losses.random_features(batch=12, frames=9, width=16, vocabulary=20, device="cpu")
    torch.manual_seed(0)
    attention = WordAttention(16, 4, dropout=0.0, prior_strength=word_losses.STRENGTH)
    word_losses.deviation(features, attention)

    def other(own: Tensor, crossed: Tensor, negatives: Tensor) -> Tensor:
        return 1.01 * stock(own, crossed, negatives)

    stock = losses.cross_disentanglement
    monkeypatch.setattr(losses, "cross_disentanglement", other)
    with pytest.raises(AssertionError, match="apart"):
        word_losses.deviation(features, attention)
