"""Which captions meet in a batch: one caption a clip an epoch, every draw a function of the seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.data.columns import Motions
from mate_hf.data.kinds import CROP_UNIT, LONGEST_MOTION
from mate_hf.errors import MateError

EVALUATION = -1
"""As an epoch: motions are cropped from their first frame, and what is drawn is the same every time."""


class Draw(NamedTuple):
    """One row of a Dataset in one epoch. Crop and word follow from (seed, epoch, row), so a loader has no state."""

    epoch: int
    row: int


class ClipBatches:
    """Batches of `Draw`s for one process; all processes together make the global batch.

    An epoch takes every clip once, with one of its captions drawn at random (the field's habit, and the paper's
    36,000 steps), so a batch never holds a motion twice. Batches are drawn whatever the lengths of their clips: the
    contrastive losses tell a caption's motion from others of the batch, and among motions of one length they need not see how
    fast it is. Padding is the networks' affair (`modeling.ragged`).

    Args:
        clips: (N,) the clip of each row; rows of one clip share it.
        batch_size: of the global batch; each process yields batch_size / world draws. What does not fill a batch
            is left out of the epoch.
        seed: with the epoch, fixes everything.
        accumulation: batches a step; an epoch is a whole number of steps.

    Raises:
        MateError: fewer clips than a step takes, or a batch that the processes cannot share equally.
    """

    def __init__(
        self,
        clips: NDArray[np.integer],
        batch_size: int,
        seed: int,
        rank: int = 0,
        world: int = 1,
        accumulation: int = 1,
    ) -> None:
        if batch_size < 2 or batch_size % world:
            raise MateError(
                f"batch_size: {batch_size} over {world} processes; expected at least 2 and a multiple of {world}."
            )
        # Rows of one clip lie together in `order`; clip c owns order[starts[c] : starts[c] + counts[c]].
        self.order = np.argsort(clips, kind="stable")
        _, self.starts, self.counts = np.unique(clips[self.order], return_index=True, return_counts=True)
        self.accumulation = accumulation
        if len(self.starts) < batch_size * accumulation:
            raise MateError(
                f"batch_size: {batch_size} times {accumulation} accumulated batches, but the split holds "
                f"{len(self.starts)} clips. Lower it until a step fits."
            )
        self.batch_size, self.seed, self.rank, self.world = batch_size, seed, rank, world
        self.epoch = 0
        self.skip = 0

    def __len__(self) -> int:
        """Batches an epoch."""
        return len(self.starts) // (self.batch_size * self.accumulation) * self.accumulation

    def set_epoch(self, epoch: int, skip: int = 0) -> None:
        """Next iteration is of `epoch`, without its first `skip` batches (those a resumed run has seen)."""
        self.epoch, self.skip = epoch, skip

    def __iter__(self) -> Iterator[list[Draw]]:
        share = self.batch_size // self.world
        for batch in self._epoch_batches()[self.skip :]:
            yield [Draw(self.epoch, int(row)) for row in batch[self.rank * share : (self.rank + 1) * share]]

    def _epoch_batches(self) -> NDArray[np.integer]:
        random = np.random.default_rng([self.seed, self.epoch])
        captions = self.order[self.starts + random.integers(self.counts)]
        captions = captions[random.permutation(len(captions))][: len(self) * self.batch_size]
        batches: NDArray[np.integer] = captions.reshape(-1, self.batch_size)
        return batches


def caption_number(caption: str) -> int:
    """A 63-bit number, equal for equal captions in every process."""
    return int.from_bytes(hashlib.blake2b(caption.encode(), digest_size=8).digest(), "big") >> 1


def crop(length: int, random: np.random.Generator | None) -> tuple[int, int]:
    """Start and frames of the crop: a multiple of 4 frames, at most 196.

    With `random`, the field's augmentation: one unit less with a chance of 1/3, at a random offset. Without, the
    longest crop from the first frame. A motion of fewer than 4 frames cannot be cropped and raises MateError.
    """
    units = min(length, LONGEST_MOTION) // CROP_UNIT
    if units == 0:
        raise MateError(f"a motion of {length} frames; at least {CROP_UNIT} are needed.")
    if random is None:
        return 0, units * CROP_UNIT
    if units > 1 and random.random() < 1 / 3:
        units -= 1
    frames = units * CROP_UNIT
    return int(random.integers(length - frames + 1)), frames


def cropped(motion: NDArray[np.float32], seed: int, draw: Draw) -> tuple[int, NDArray[np.float32]]:
    """The motion (T,F) as this draw sees it: its first frame and its frames; see `crop`."""
    first, frames = crop(
        len(motion), None if draw.epoch == EVALUATION else draw_generator(seed, draw, "crop")
    )
    return first, motion[first : first + frames]


PURPOSES = ("crop", "word", "segment", "window", "hold", "contrary", "composition")


def draw_generator(seed: int, draw: Draw, purpose: str) -> np.random.Generator:
    """Random numbers that depend on nothing but these: the same in any process, worker or resumed run."""
    return np.random.default_rng([seed, draw.epoch + 1, draw.row, PURPOSES.index(purpose)])


def pad_motions(motions: list[NDArray[np.float32]]) -> dict[str, Tensor]:
    """Motions (T_i, F) -> the house's batch: `motion` (B,T,F) float, `length` (B,) int, `mask` (B,T) True on real frames."""
    motion, mask = pad_rows(motions)
    return {"motion": motion, "length": mask.sum(1), "mask": mask}


def evaluation_batch(motions: Motions, rows: Sequence[int]) -> dict[str, Tensor]:
    """The motions of some rows as one batch, cropped as evaluation crops: from the first frame."""
    whole = [motions[row] for row in rows]
    return pad_motions([motion[: crop(len(motion), None)[1]] for motion in whole])


def pad_rows(sequences: list[NDArray[np.float32]]) -> tuple[Tensor, Tensor]:
    """Sequences (L_i, W) -> (B,L,W), zero where padded, and (B,L), True where real."""
    lengths = [len(sequence) for sequence in sequences]
    padded = np.zeros((len(sequences), max(lengths), sequences[0].shape[1]), dtype=np.float32)
    for row, sequence in zip(padded, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(padded), torch.arange(padded.shape[1]) < torch.tensor(lengths).unsqueeze(1)
