"""How much of its codebooks a quantizer uses."""

from __future__ import annotations

import torch
from torch import Tensor


def code_use(codes: Tensor, size: int) -> dict[str, float]:
    """Of each level, counted from 1: `used_N`, the share of its codes that occur, and `perplexity_N`, how many codes that
    occur equally often would be as various.

    Args:
        codes: (...,levels); -1 where there is none. size: of each codebook.
    """
    found: dict[str, float] = {}
    for level, own in enumerate(codes.flatten(0, -2).unbind(1), start=1):
        counts = torch.bincount(own[own >= 0], minlength=size).double()
        shares = counts / counts.sum().clamp(min=1)
        found[f"used_{level}"] = float((counts > 0).double().mean())
        found[f"perplexity_{level}"] = float(torch.special.entr(shares).sum().exp())
    return found
