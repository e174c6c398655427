"""Batches: fair to every clip, and a function of the seed alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.data.batching import ClipBatches, Draw, crop, pad_motions
from mate_hf.errors import MateError


def make_batches(clips: int, batch_size: int, seed: int = 0, rank: int = 0, world: int = 1) -> ClipBatches:
    random = np.random.default_rng(7)
    of_clip = np.repeat(np.arange(clips), random.integers(1, 4, clips))
    of_row = random.permutation(of_clip)
    return ClipBatches(of_row, batch_size, seed, rank, world)


def rows(batches: ClipBatches, epoch: int, skip: int = 0) -> list[list[Draw]]:
    batches.set_epoch(epoch, skip)
    return list(batches)


@given(st.integers(8, 90), st.integers(2, 8), st.integers(0, 5))
def test_no_clip_comes_twice_in_an_epoch(clips: int, batch_size: int, epoch: int) -> None:
    batches = make_batches(clips, batch_size)
    clip_of_row = np.empty(len(batches.order), dtype=int)
    for clip, (start, count) in enumerate(zip(batches.starts, batches.counts, strict=True)):
        clip_of_row[batches.order[start : start + count]] = clip
    seen = [clip_of_row[draw.row] for batch in rows(batches, epoch) for draw in batch]
    assert len(seen) == len(set(seen)) == clips // batch_size * batch_size


def test_every_caption_of_a_clip_gets_its_turn() -> None:
    batches = make_batches(20, 4)
    seen = {draw.row for epoch in range(40) for batch in rows(batches, epoch) for draw in batch}
    assert seen == set(range(len(batches.order)))


@given(st.integers(0, 100), st.integers(0, 4))
def test_processes_share_the_batch_of_one_process(seed: int, epoch: int) -> None:
    whole = rows(make_batches(50, 8, seed), epoch)
    halves = [rows(make_batches(50, 8, seed, rank, 2), epoch) for rank in (0, 1)]
    assert [first + second for first, second in zip(*halves, strict=True)] == whole


def test_a_resumed_epoch_is_the_rest_of_the_epoch() -> None:
    batches = make_batches(50, 8)
    assert rows(batches, 3, skip=4) == rows(batches, 3)[4:]


def test_an_epoch_is_a_whole_number_of_accumulated_steps() -> None:
    of_clip = np.arange(50)
    batches = ClipBatches(of_clip, 8, seed=0, accumulation=4)
    assert len(batches) == len(list(batches)) == 4
    with pytest.raises(MateError, match=r"8 times 7.*50 clips"):
        ClipBatches(of_clip, 8, seed=0, accumulation=7)


def test_seed_and_epoch_change_the_batches() -> None:
    assert rows(make_batches(50, 8, seed=1), 0) != rows(make_batches(50, 8, seed=2), 0)
    assert rows(make_batches(50, 8), 0) != rows(make_batches(50, 8), 1)


def test_clips_of_like_length_meet_no_oftener_than_others() -> None:
    """Clips are numbered by length here: a batch spans most of them, and its neighbours in number are not its own."""
    batches = rows(ClipBatches(np.arange(640), 16, seed=0), 0)
    spans = [max(draw.row for draw in batch) - min(draw.row for draw in batch) for batch in batches]
    assert np.mean(spans) == pytest.approx(640 * 15 / 17, rel=0.05)


@pytest.mark.parametrize(
    ("batch_size", "world", "named"), [(1, 1, "at least 2"), (9, 2, "multiple"), (80, 1, "50")]
)
def test_impossible_batch_sizes_are_refused(batch_size: int, world: int, named: str) -> None:
    with pytest.raises(MateError, match=named):
        make_batches(50, batch_size, world=world)


@given(st.integers(4, 500), st.integers(0, 1000))
def test_crops_stay_inside_and_are_multiples_of_four(length: int, seed: int) -> None:
    start, frames = crop(length, np.random.default_rng(seed))
    assert frames % 4 == 0
    assert 4 <= frames <= 196
    assert 0 <= start <= length - frames
    assert frames >= min(length, 196) // 4 * 4 - 4
    assert crop(length, None) == (0, min(length, 196) // 4 * 4)


def test_a_motion_shorter_than_a_unit_is_refused() -> None:
    with pytest.raises(MateError, match="3 frames"):
        crop(3, None)


def test_padding_is_zero_and_masked() -> None:
    batch = pad_motions([np.ones((4, 3), np.float32), np.ones((8, 3), np.float32)])
    assert batch["motion"].shape == (2, 8, 3)
    assert batch["length"].tolist() == [4, 8]
    assert batch["mask"].sum(1).tolist() == [4, 8]
    assert batch["motion"][0, 4:].abs().sum() == 0
