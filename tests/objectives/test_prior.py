"""Eq. 4 and the variants of Table 6, against the formula frame by frame."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.objectives.prior import attention_prior


def naive(start: int, end: int, t: int, kind: str) -> float:
    inside = start <= t < end
    if kind == "binary":
        return float(inside)
    center, sigma = (start + end) / 2, (end - start) / 2
    value = math.exp(-((t - center) ** 2) / (2 * sigma**2))
    return value if kind == "gaussian" or inside else 0.0


@given(
    st.integers(-40, 100),
    st.integers(1, 80),
    st.integers(1, 60),
    st.sampled_from(("binary", "gaussian_segment", "gaussian")),
)
def test_prior_is_equation_4_even_where_a_crop_cut_the_segment(
    start: int, frames: int, T: int, kind: str
) -> None:
    prior = attention_prior(torch.tensor([[start, start + frames]]), T, kind)
    assert prior is not None
    expected = [naive(start, start + frames, t, kind) for t in range(T)]
    assert prior[0].tolist() == pytest.approx(expected, abs=1e-6)


def test_no_prior_is_none() -> None:
    assert attention_prior(torch.tensor([[0, 10]]), 10, "none") is None


def test_an_unknown_prior_is_named() -> None:
    with pytest.raises(MateError, match=r"laplace.*gaussian_segment"):
        attention_prior(torch.tensor([[0, 10]]), 10, "laplace")
