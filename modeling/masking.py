"""Which codes are masked, in training and in decoding."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

RANDOM_SHARE, MASKED_SHARE = 0.1, 0.88
"""Of the codes that are asked for in training, so many are replaced by any code; of the others, so many by the mask; the rest stays."""


class Masked(NamedTuple):
    """Codes as they are read (B,P), and where the true one is asked for (B,P)."""

    codes: Tensor
    asked: Tensor


def masked_share(progress: Tensor) -> Tensor:
    """How many of the codes are masked, from 1 at progress 0 to none at 1: a cosine (Chang et al. 2022)."""
    return torch.cos(progress * (math.pi / 2))


def masked_counts(progress: Tensor, lengths: Tensor) -> Tensor:
    """Masked codes of motions of so many codes (B,): one at least, where there is one."""
    return (masked_share(progress) * lengths).round().clamp(min=1).minimum(lengths)


def lowest(scores: Tensor, counts: Tensor) -> Tensor:
    """True at the `counts` (B,) lowest scores of each row (B,P); of equal ones the first."""
    return scores.argsort(dim=1, stable=True).argsort(1) < counts[:, None]


class MaskDraws(NamedTuple):
    """What chance says of the codes of motions, on the CPU: shares of the way to the end of decoding (B,), and of each code (B,P) numbers
    from 0 to 1 that decide whether it is asked for, replaced and hidden, and any code.
    """

    progress: Tensor
    order: Tensor
    replaced: Tensor
    hidden: Tensor
    other: Tensor

    def part(self, first: int, motions: int, places: int) -> MaskDraws:
        """Of so many motions from `first` on, and of their first `places` codes."""
        rows = slice(first, first + motions)
        return MaskDraws(self.progress[rows], *(drawn[rows, :places] for drawn in self[1:]))


def draw_masks(motions: int, places: int, count: int, random: torch.Generator | None = None) -> MaskDraws:
    """For motions of `places` codes, of which there are `count`."""
    shape = (motions, places)
    progress = torch.rand(motions, generator=random)
    order, replaced, hidden = (torch.rand(shape, generator=random) for _ in range(3))
    return MaskDraws(progress, order, replaced, hidden, torch.randint(count, shape, generator=random))


def mask_codes(codes: Tensor, there: Tensor, mask: int, drawn: MaskDraws) -> Masked:
    """Mask each motion as far as a step of decoding that is drawn at random would.

    Args:
        codes: (B,P); there: (B,P), True where the motion is.
        mask: the code that stands for a masked one.
        drawn: for as many motions and codes.
    """
    progress, order, replaced, hidden, other = (part.to(codes.device) for part in drawn)
    asked = lowest(order.masked_fill(~there, 2.0), masked_counts(progress, there.sum(1)))
    read = torch.where(asked & (hidden < MASKED_SHARE), mask, codes)
    return Masked(torch.where(asked & (replaced < RANDOM_SHARE), other, read), asked)


def draw_levels(motions: int, levels: int, random: torch.Generator | None = None) -> Tensor:
    """Of each motion a level from 1 to `levels` - 1 (motions,), on the CPU: lower ones, on which all others rest, more often."""
    moved = 1 - masked_share(torch.rand(motions, generator=random))
    return 1 + (moved * (levels - 1)).long().clamp(max=levels - 2)
