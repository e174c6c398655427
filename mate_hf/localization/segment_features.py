"""Every segment that some partition can use, encoded once, in batches of like length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.data.batching import pad_rows

CPU_FRAMES, DEVICE_FRAMES = 1024, 65536
"""Frames, padding included, that are encoded together: on a CPU more would not stay in its caches."""

EncodeMotions = Callable[[Tensor, Tensor], Tensor]
"""Raw features (B,T,F) and mask (B,T) -> unit vectors (B,D)."""


class Segment(NamedTuple):
    """Frames start .. end-1 of a motion, which is given by its place in a list."""

    motion: int
    start: int
    end: int


def frames_per_batch(device: torch.device) -> int:
    """How many frames this device encodes best together."""
    return CPU_FRAMES if device.type == "cpu" else DEVICE_FRAMES


def encode_segments(
    motions: Sequence[NDArray[np.float32]],
    segments: Sequence[Segment],
    encode: EncodeMotions,
    frames_per_batch: int = CPU_FRAMES,
) -> Tensor:
    """Unit vectors (len(segments), D), in the order of `segments`.

    Args:
        motions: raw features (T,F).
        segments: of these motions.
        encode: E_m.
        frames_per_batch: 1 encodes one by one.
    """
    order = sorted(range(len(segments)), key=lambda row: segments[row].end - segments[row].start)
    parts = [
        encode(
            *pad_rows([motions[motion][start:end] for motion, start, end in (segments[row] for row in rows)])
        )
        for rows in _batches(order, segments, frames_per_batch)
    ]
    found = torch.cat(parts)
    return torch.empty_like(found).index_copy_(0, torch.tensor(order), found)


def _batches(order: list[int], segments: Sequence[Segment], frames: int) -> Iterator[list[int]]:
    """Rows of ascending length, as many at a time as `frames` holds at the length of the longest, at least one."""
    batch: list[int] = []
    for row in order:
        length = segments[row].end - segments[row].start
        if batch and length * (len(batch) + 1) > frames:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
