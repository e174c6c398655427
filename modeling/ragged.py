"""Sequences of unlike length through a transformer, without paying for the padding of the longest.

Batches are drawn whatever the lengths: where a contrastive loss meets only motions of one length, it never learns what tells slow from quick.
What a network need not see together is encoded in groups of like length instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

GROUP = 16
"""Sequences that are encoded together on a CPU; a GPU is faster with all at once."""


def pays(mask: Tensor) -> bool:
    """Whether grouping is faster: on a CPU, for more sequences than one group, of which some are padded. mask: (B,L)."""
    return mask.device.type == "cpu" and len(mask) > GROUP and not bool(mask.all())


def encode_grouped(
    encode: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]], sequences: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """`encode(sequences, mask)`: a vector (B,W) and features (B,L,H) of each sequence, in groups where that is faster.

    Args:
        sequences: (B,L,...); mask: (B,L), True (or 1) where real.
    """
    if not pays(mask):
        return encode(sequences, mask)
    groups = LengthGroups(mask)
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

    def __init__(self, mask: Tensor, size: int = GROUP) -> None:
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
