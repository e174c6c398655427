"""How much of what a network reads is padding."""

from __future__ import annotations

from torch import Tensor

from mate_hf.modeling.ragged import LengthGroups, pays


def in_batch(mask: Tensor) -> float:
    """Share of a batch's frames that is padding. mask: (B,T), True where real."""
    return 1 - float(mask.float().mean())


def encoded(mask: Tensor) -> float:
    """The same of what is encoded, where sequences of like length go together."""
    if not pays(mask):
        return in_batch(mask)
    groups = LengthGroups(mask)
    read = sum(len(rows) * longest for rows, longest in zip(groups.rows, groups.longest, strict=True))
    return 1 - int(mask.sum()) / read
