"""TMR's losses against loops and against torch's own distributions."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from mate_hf.modeling.modeling_tmr import Gaussian
from mate_hf.retrieval.tmr_losses import divergence, similar_captions, smooth_reconstruction, standard_normal

seeds = st.integers(0, 2**20)


def features(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@given(seeds, st.lists(st.integers(1, 7), min_size=1, max_size=4))
def test_reconstruction_counts_real_frames_alone(seed: int, lengths: list[int]) -> None:
    shape = (len(lengths), max(lengths), 5)
    predicted, motion = 2 * features(seed, *shape), features(seed + 1, *shape)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)
    total = 0.0
    for row, length in enumerate(lengths):
        for error in (predicted - motion)[row, :length].flatten().abs().tolist():
            total += error**2 / 2 if error < 1 else error - 0.5
    found = smooth_reconstruction(predicted, motion, mask)
    assert float(found) == pytest.approx(total / (5 * sum(lengths)), rel=1e-9)


@given(seeds)
def test_divergence_is_torchs_own(seed: int) -> None:
    q, p = (Gaussian(features(seed + i, 3, 4), features(seed + i + 2, 3, 4)) for i in (0, 1))
    for to in (p, standard_normal(q)):
        reference = kl_divergence(*(Normal(g.mean, (g.logvar / 2).exp()) for g in (q, to))).mean()
        assert float(divergence(q, to)) == pytest.approx(float(reference), rel=1e-9)


def test_captions_are_alike_above_the_threshold_whatever_their_norm() -> None:
    sentence = torch.tensor([[1.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
    assert similar_captions(sentence, 0.59).tolist() == [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
    assert similar_captions(sentence, 0.61).tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 1]]
