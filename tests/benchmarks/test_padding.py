"""Shares of padding against a count."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import padding
from mate_hf.modeling import ragged

WIDE = 10_000


@given(lengths=st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_shares_are_those_of_a_count(lengths: list[int]) -> None:
    mask = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)
    assert padding.in_batch(mask) == pytest.approx(1 - sum(lengths) / (len(lengths) * max(lengths)), abs=1e-6)
    ordered = sorted(lengths)
    size = max(ragged.FEWEST, ragged.NUMBERS * len(lengths) // (sum(lengths) * WIDE))
    groups = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    read = sum(len(group) * group[-1] for group in groups)
    assert padding.encoded(mask, WIDE) == pytest.approx(1 - sum(lengths) / read, abs=1e-6)
