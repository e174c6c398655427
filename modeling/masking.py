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


def mask_codes(
    codes: Tensor, there: Tensor, count: int, mask: int, random: torch.Generator | None = None
) -> Masked:
    """Mask each motion as far as a step of decoding that is drawn at random would.

    Args:
        codes: (B,P); there: (B,P), True where the motion is.
        count: how many codes there are. mask: the one that stands for a masked one.
        random: on the CPU, as everything that is drawn.
    """
    device, shape = codes.device, codes.shape
    counts = masked_counts(torch.rand(len(codes), generator=random).to(device), there.sum(1))
    order = torch.rand(shape, generator=random).to(device).masked_fill(~there, 2.0)
    asked = lowest(order, counts)
    replaced, hidden = (torch.rand(shape, generator=random).to(device) for _ in range(2))
    other = torch.randint(count, shape, generator=random).to(device)
    read = torch.where(asked & (hidden < MASKED_SHARE), mask, codes)
    return Masked(torch.where(asked & (replaced < RANDOM_SHARE), other, read), asked)


def draw_levels(motions: int, levels: int, random: torch.Generator | None = None) -> Tensor:
    """Of each motion a level from 1 to `levels` - 1 (motions,), on the CPU: lower ones, on which all others rest, more often."""
    moved = 1 - masked_share(torch.rand(motions, generator=random))
    return 1 + (moved * (levels - 1)).long().clamp(max=levels - 2)
