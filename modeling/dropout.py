"""Dropout that a CPU can afford.

Torch draws one Bernoulli number an entry there, which takes longer than the matrix products around it; 16 random bits an entry cost a tenth.
On a GPU everything is torch's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LEVELS = 2**16
"""How finely p is told: of so many equally likely numbers the lowest are dropped."""


def dropout(features: Tensor, p: float, training: bool = True) -> Tensor:
    """`F.dropout`; on a CPU, p is rounded to 1/65,536 and what is kept is scaled by exactly what that asks for."""
    dropped = round(p * LEVELS)
    if not training or features.device.type != "cpu" or not 0 < dropped < LEVELS:
        return F.dropout(features, p, training)
    return features * _kept(features, dropped)


def _kept(features: Tensor, dropped: int) -> Tensor:
    """0 where dropped, else 1 / (1 - p)."""
    count = features.numel()
    bits = torch.empty((count + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    kept = torch.empty(count, dtype=features.dtype)
    torch.ge(bits.view(torch.int16)[:count], dropped - LEVELS // 2, out=kept)
    return kept.mul_(LEVELS / (LEVELS - dropped)).view(features.shape)


class Dropout(nn.Dropout):
    """`nn.Dropout`, by `dropout`."""

    def forward(self, features: Tensor) -> Tensor:
        return dropout(features, self.p, self.training)
