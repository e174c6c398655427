"""Motions cut into clips."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Clips(NamedTuple):
    """Of a batch of motions, N in all, in the order of their motions.

    Attributes:
        motion: whose each is (N,). start, length: frames (N,).
    """

    motion: Tensor
    start: Tensor
    length: Tensor

    def cut(self, motions: Tensor) -> tuple[Tensor, Tensor]:
        """Motions (B,T,F) -> their clips (N,L,F), padded with zeros, and which frames are there (N,L)."""
        longest = int(self.length.max()) if len(self.length) else 0
        steps = torch.arange(longest, device=motions.device)
        there = steps < self.length[:, None]
        frames = torch.where(there, self.start[:, None] + steps, 0)
        return motions[self.motion[:, None], frames] * there.unsqueeze(-1), there


def clips_of(lengths: Tensor, frames: int, shortest: int) -> Clips:
    """Cut motions of so many frames (B,) into clips of `frames`, one after the other; a rest of at least `shortest` is one, too."""
    found = [
        (motion, start, min(frames, length - start))
        for motion, length in enumerate(lengths.tolist())
        for start in range(0, length, frames)
        if length - start >= min(shortest, frames)
    ]
    table = torch.tensor(found, dtype=torch.int64).reshape(-1, 3).to(lengths.device)
    return Clips(*table.unbind(1))
