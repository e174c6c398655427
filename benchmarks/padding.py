"""How much of what a network reads is padding."""

from __future__ import annotations

from torch import Tensor

from mate_hf.modeling.ragged import length_groups


def in_batch(mask: Tensor) -> float:
    """Share of a batch's frames that is padding. mask: (B,T), True where real."""
    return 1 - float(mask.float().mean())


def encoded(mask: Tensor, width: int) -> float:
    """The same of what a network of this width encodes, where sequences of like length go together."""
    groups = length_groups(mask, width)
    if groups is None:
        return in_batch(mask)
    read = sum(len(rows) * longest for rows, longest in zip(groups.rows, groups.longest, strict=True))
    return 1 - int(mask.sum()) / read
