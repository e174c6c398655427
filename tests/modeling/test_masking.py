"""Which codes are masked: as many as the cosine says, none of the padding, and most of them behind the mask."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from mate_hf.modeling.masking import draw_levels, draw_masks, lowest, mask_codes, masked_counts, masked_share

CODES, MASK = 50, 50


def test_the_share_is_a_cosine_from_all_to_none() -> None:
    shares = masked_share(torch.tensor([0.0, 1 / 3, 0.5, 1.0], dtype=torch.float64))
    wanted = torch.tensor([1.0, math.cos(math.pi / 6), math.sqrt(0.5), 0.0], dtype=torch.float64)
    torch.testing.assert_close(shares, wanted, atol=1e-12, rtol=0)
    counts = masked_counts(torch.tensor([0.0, 0.5, 1.0, 1.0]), torch.tensor([9, 10, 7, 0]))
    assert counts.tolist() == [9, 7, 1, 0]


def test_the_lowest_are_chosen_and_of_equal_ones_the_first() -> None:
    scores = torch.tensor([[3.0, 1.0, 2.0, float("inf")], [0.0, 0.0, 0.0, 0.0]])
    assert lowest(scores, torch.tensor([2, 3])).tolist() == [
        [False, True, True, False],
        [True, True, True, False],
    ]


@pytest.fixture(scope="module")
def drawn() -> tuple[torch.Tensor, ...]:
    """Many motions of 40 codes, each alike, every second one padded to it from 20."""
    codes = torch.arange(40).expand(4000, 40).clone()
    there = torch.arange(40) < torch.tensor([40, 20]).repeat(2000)[:, None]
    codes[~there] = -1
    chance = draw_masks(*codes.shape, CODES, torch.Generator().manual_seed(0))
    return codes, there, *mask_codes(codes, there, MASK, chance)


def test_as_many_are_asked_for_as_a_random_step_of_decoding_masks(drawn: tuple[torch.Tensor, ...]) -> None:
    _, there, _, asked = drawn
    assert not (asked & ~there).any()
    shares = asked.sum(1) / there.sum(1)
    assert bool((asked.sum(1) >= 1).all())
    # The mean of cos(u pi/2) is 2/pi, its median cos(pi/4); places of one motion are as often asked for as any.
    for rows in (shares[0::2], shares[1::2]):
        assert float(rows.mean()) == pytest.approx(2 / math.pi, abs=0.02)
        assert float(rows.median()) == pytest.approx(math.sqrt(0.5), abs=0.03)
    often = asked[0::2].float().mean(0)
    assert float(often.max() - often.min()) < 0.06


def test_of_what_is_asked_for_a_tenth_is_another_code_and_most_is_hidden(
    drawn: tuple[torch.Tensor, ...],
) -> None:
    codes, _, read, asked = drawn
    assert torch.equal(read[~asked], codes[~asked])
    hidden = (read == MASK)[asked].float().mean()
    changed = ((read != MASK) & (read != codes))[asked].float().mean()
    assert float(hidden) == pytest.approx(0.9 * 0.88, abs=0.01)
    assert float(changed) == pytest.approx(0.1 * (1 - 1 / CODES), abs=0.01)
    assert int(read[asked].min()) >= 0
    assert int(read[asked].max()) == MASK


def test_levels_are_drawn_from_all_further_ones_lower_ones_more_often() -> None:
    levels = draw_levels(20000, 6, torch.Generator().manual_seed(0))
    shares = levels.bincount(minlength=6) / 20000
    assert shares[0] == 0
    assert len(shares) == 6
    # Below which share of the way 1 - cos(u pi/2) has come: an inverse cosine.
    ends = [math.acos(1 - n / 5) * 2 / math.pi for n in range(6)]
    wanted = torch.tensor([0.0, *(b - a for a, b in itertools.pairwise(ends))])
    torch.testing.assert_close(shares, wanted, atol=0.015, rtol=0)
    assert draw_levels(50, 2).unique().tolist() == [1]
