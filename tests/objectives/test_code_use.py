"""Codebook use against counting by hand."""

from __future__ import annotations

import pytest
import torch

from mate_hf.objectives.code_use import code_use


def test_each_level_counts_its_own_codes_and_no_missing_ones() -> None:
    codes = torch.tensor([[[0, 3], [0, 3]], [[1, 3], [-1, -1]], [[1, -1], [2, -1]]])
    found = code_use(codes, 4)
    assert found["used_1"] == 3 / 4
    assert found["used_2"] == 1 / 4
    assert found["perplexity_2"] == pytest.approx(1)
    shares = torch.tensor([2 / 5, 2 / 5, 1 / 5])
    assert found["perplexity_1"] == pytest.approx(float(torch.exp(-(shares * shares.log()).sum())))


def test_codes_that_occur_equally_often_are_as_various_as_they_are_many() -> None:
    assert code_use(torch.arange(8).repeat(3)[:, None], 8) == {
        "used_1": 1.0,
        "perplexity_1": pytest.approx(8),
    }
    assert code_use(torch.full((2, 1), -1), 8) == {"used_1": 0.0, "perplexity_1": 1.0}
