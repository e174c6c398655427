"""Sequences of unlike length through a transformer, without paying for the padding of the longest.

Batches are drawn whatever the lengths: where a contrastive loss meets only motions of one length, it never learns what tells slow from quick.
What a network need not see together is encoded in groups of like length instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

NUMBERS = 200_000
"""Features (sequences x mean length x width) of a group on a CPU: with fewer the cores wait for Python, with more for padding."""

FEWEST = 8
"""Sequences that a group has at least."""


def length_groups(mask: Tensor, width: int) -> LengthGroups | None:
    """Groups in which sequences of this width are encoded faster than all at once; None where nothing is gained: on a GPU, without
    padding, or where one group holds all. mask: (B,L), True (or 1) where real.
    """
    if mask.device.type != "cpu" or bool(mask.all()):
        return None
    places = int(mask.sum())
    size = max(FEWEST, NUMBERS * len(mask) // max(1, places * width))
    return LengthGroups(mask, size) if size < len(mask) else None


def encode_grouped(
    encode: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]], sequences: Tensor, mask: Tensor, width: int
) -> tuple[Tensor, Tensor]:
    """`encode(sequences, mask)`: a vector (B,W) and features (B,L,H) of each sequence, in groups where that is faster.

    Args:
        sequences: (B,L,...); mask: (B,L), True (or 1) where real.
        width: of the network.
    """
    groups = length_groups(mask, width)
    if groups is None:
        return encode(sequences, mask)
    parts = [encode(*part) for part in zip(groups.cut(sequences), groups.cut(mask), strict=True)]
    vectors, features = zip(*parts, strict=True)
    return groups.join(vectors), groups.join_padded(features)


class LengthGroups:
    """Groups of like length, each cut to its own longest, and the way back.

    Padding stands at the end; what becomes of it means nothing.

    Args:
        mask: (B,L), True (or 1) where real.
        size: sequences a group.
    """

    def __init__(self, mask: Tensor, size: int) -> None:
        lengths = mask.sum(1)
        order = lengths.argsort(stable=True)
        self.rows = order.split(size)
        self.longest = [int(lengths[rows[-1]]) for rows in self.rows]
        self.length = mask.shape[1]
        self.back = order.argsort()

    def cut(self, sequences: Tensor) -> list[Tensor]:
        """(B,L,...) -> of each group (N, its longest, ...)."""
        return [sequences[rows, :longest] for rows, longest in zip(self.rows, self.longest, strict=True)]

    def share(self, vectors: Tensor) -> list[Tensor]:
        """(B,...) -> of each group (N,...)."""
        return [vectors[rows] for rows in self.rows]

    def join(self, vectors: Iterable[Tensor]) -> Tensor:
        """Of each group (N,...) -> (B,...), in the order given to `share`."""
        return torch.cat(list(vectors))[self.back]

    def join_padded(self, sequences: Iterable[Tensor]) -> Tensor:
        """Of each group (N, its longest, W) -> (B,L,W), zero behind each group's longest."""
        return self.join(F.pad(part, (0, 0, 0, self.length - part.shape[1])) for part in sequences)
