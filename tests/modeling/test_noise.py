"""Times of training: even, or moved toward noise by what they say they are moved by."""

from __future__ import annotations

import math

import pytest
import torch

from mate_hf.modeling.noise import NoiseProcess

MANY = 40_000


def drawn(prediction: str, **settings: float) -> torch.Tensor:
    return NoiseProcess(prediction, 1000).draw_times(MANY, torch.Generator().manual_seed(0), **settings)


@pytest.mark.parametrize("prediction", ["x0", "v", "flow"])
def test_times_are_even_unless_moved(prediction: str) -> None:
    even = drawn(prediction)
    assert torch.equal(even, drawn(prediction, shift=1.0, share=0.5))
    assert torch.equal(even, drawn(prediction, shift=9.0, share=0.0))
    assert 0 <= even.min() <= even.max() < 1000
    assert even.mean().item() == pytest.approx(500, abs=5)


@pytest.mark.parametrize("shift", [0.5, 4.0, 16.0])
@pytest.mark.parametrize("prediction", ["x0", "flow"])
def test_noise_over_signal_is_so_many_times_what_it_was(prediction: str, shift: float) -> None:
    moved = drawn(prediction, shift=shift).double()
    assert 0 <= moved.min() <= moved.max() < 1000
    # The middle of even times is as much noise as signal, in both processes.
    signal, noise = NoiseProcess(prediction, 1000).levels(moved.median().float()[None])
    assert (noise / signal).item() == pytest.approx(shift, rel=0.05)
    for share in (0.2, 0.7):
        way = share * math.pi / 2
        ratio = shift * (math.tan(way) if prediction == "x0" else share / (1 - share))
        expected = math.atan(ratio) / (math.pi / 2) if prediction == "x0" else ratio / (1 + ratio)
        assert (moved / 1000 < expected).double().mean().item() == pytest.approx(share, abs=0.01)


def test_some_stay_even() -> None:
    high = (drawn("x0", shift=16.0, share=0.5) >= 970).double().mean().item()
    moved = 1 - 2 / math.pi * math.atan(math.tan(0.97 * math.pi / 2) / 16)
    assert high == pytest.approx(0.5 * moved + 0.5 * 0.03, abs=0.01)
