"""Motions as patches of frames, a transformer's tokens: on a CPU those alone in which a motion is, for padding is as wide as motion."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


class Patches:
    """Where the patches of a padded batch are, and the way there and back.

    What is done to each number of a motion for itself (noise, errors, the first and the last layer) needs no batch of equal lengths.
    On a GPU, where a number of padding costs less than knowing which are none, all patches are taken.

    Args:
        mask: (B,T), True on real frames.
        size: frames a patch.
        whole: take all; by default everywhere but on a CPU.

    Attributes:
        lengths: frames of each motion (B,).
        there: (B,P), True on patches that hold a real frame.
        real: (N,size), True on the real frames of each patch that is taken.
        rows: (N,), the motion that each of them is of.
    """

    def __init__(self, mask: Tensor, size: int, whole: bool | None = None) -> None:
        self.size, self.length, self.lengths = size, mask.shape[1], mask.sum(1)
        frames = F.pad(mask, (0, -self.length % size)).unflatten(1, (-1, size))
        self.there = frames.any(-1)
        count, places = self.there.shape
        rows = torch.arange(count, device=mask.device).repeat_interleave(places)
        if whole is None:
            whole = mask.device.type != "cpu"
        self._taken = None if whole else self.there.flatten().nonzero().squeeze(1)
        self.real, self.rows = self._take(frames.flatten(0, 1)), self._take(rows)

    @property
    def cuts(self) -> bool:
        """Whether patches of padding are left out."""
        return self._taken is not None

    def cut(self, motion: Tensor) -> Tensor:
        """(B,T,F) -> (N,size,F)."""
        frames = F.pad(motion, (0, 0, 0, -self.length % self.size))
        return self._take(frames.unflatten(1, (-1, self.size)).flatten(0, 1))

    def join(self, patches: Tensor) -> Tensor:
        """(N,size,F) -> (B,T,F), zero where padded."""
        frames = self.spread((patches * self.real.unsqueeze(-1)).flatten(1))
        return frames.unflatten(-1, (self.size, -1)).flatten(1, 2)[:, : self.length]

    def spread(self, features: Tensor) -> Tensor:
        """A vector of each patch (N,D) -> (B,P,D), zero where padded."""
        places = self.there.shape
        if self._taken is None:
            return features.unflatten(0, places)
        empty = features.new_zeros(places.numel(), features.shape[-1])
        return empty.index_copy(0, self._taken, features).unflatten(0, places)

    def gather(self, features: Tensor) -> Tensor:
        """(B,P,D) -> of each patch (N,D)."""
        return self._take(features.flatten(0, 1))

    def _take(self, places: Tensor) -> Tensor:
        return places if self._taken is None else places.index_select(0, self._taken)
