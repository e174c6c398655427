"""Patches of a padded batch against a plain loop, on a CPU that takes the real ones alone and where all are taken."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from mate_hf.modeling.patches import Patches

LENGTHS = st.lists(st.integers(1, 13), min_size=1, max_size=5)


def batch(lengths: list[int]) -> tuple[Tensor, Tensor]:
    longest = max(lengths) + 2
    mask = torch.arange(longest) < torch.tensor(lengths)[:, None]
    numbers = torch.arange(len(lengths) * longest * 3, dtype=torch.float64).reshape(len(lengths), longest, 3)
    return numbers + 1, mask


@given(LENGTHS, st.integers(1, 5))
def test_real_patches_are_cut_out_one_after_another(lengths: list[int], size: int) -> None:
    motion, mask = batch(lengths)
    patches = Patches(mask, size)
    found, real, rows = iter(patches.cut(motion)), iter(patches.real), iter(patches.rows)
    for row, length in enumerate(lengths):
        for start in range(0, length, size):
            patch, own = next(found), min(size, length - start)
            assert torch.equal(patch[:own], motion[row, start : start + own])
            assert next(real).tolist() == [True] * own + [False] * (size - own)
            assert int(next(rows)) == row
    assert next(found, None) is next(real, None) is next(rows, None) is None


@given(LENGTHS, st.integers(1, 5))
def test_what_is_joined_is_what_was_cut_without_its_padding(lengths: list[int], size: int) -> None:
    motion, mask = batch(lengths)
    patches = Patches(mask, size)
    assert torch.equal(patches.join(patches.cut(motion)), motion * mask.unsqueeze(-1))
    assert patches.lengths.tolist() == lengths


@given(LENGTHS, st.integers(1, 5))
def test_features_are_spread_to_their_places_and_gathered_again(lengths: list[int], size: int) -> None:
    _, mask = batch(lengths)
    patches = Patches(mask, size)
    features = torch.arange(1.0, 2 * len(patches.rows) + 1).reshape(-1, 2)
    spread = patches.spread(features)
    assert patches.there.sum(1).tolist() == [-(-length // size) for length in lengths]
    assert torch.equal(spread[patches.there], features)
    assert not spread[~patches.there].any()
    assert torch.equal(patches.gather(spread), features)


@given(LENGTHS, st.integers(1, 5))
def test_all_patches_are_taken_elsewhere_and_nothing_else_changes(lengths: list[int], size: int) -> None:
    motion, mask = batch(lengths)
    some, every = Patches(mask, size), Patches(mask, size, whole=True)
    assert len(every.rows) == every.there.numel()
    assert torch.equal(every.join(every.cut(motion)), some.join(some.cut(motion)))
    taken = every.there.flatten()
    assert torch.equal(every.cut(motion)[taken], some.cut(motion))
    assert torch.equal(every.real[taken], some.real)
    assert torch.equal(every.rows[taken], some.rows)
    assert not every.real[~taken].any()
    assert torch.equal(every.gather(every.spread(every.rows[:, None])), every.rows[:, None])


def test_a_gpu_takes_all() -> None:
    _, mask = batch([3, 9])
    assert Patches(mask.to("meta"), 4).cut(torch.empty(2, 11, 3, device="meta")).shape == (6, 4, 3)
