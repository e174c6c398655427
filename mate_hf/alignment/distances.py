"""How far embeddings are apart."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

LEAST = 1e-6
"""Added to denominators, and under roots: two motions may be one."""


def pairwise(one: Tensor, other: Tensor, kind: str) -> Tensor:
    """Distances (..., N) of embeddings (..., D) to others (..., N, D): 1 - cosine, or Euclidean."""
    if kind == "cosine":
        return 1 - (F.normalize(other, dim=-1) @ F.normalize(one, dim=-1).unsqueeze(-1)).squeeze(-1)
    return ((other - one.unsqueeze(-2)).square().sum(-1) + LEAST**2).sqrt()


def matrix(one: Tensor, other: Tensor, kind: str) -> Tensor:
    """Distances (M,N) of embeddings (M,D) to (N,D)."""
    if kind == "cosine":
        return 1 - F.normalize(one, dim=-1) @ F.normalize(other, dim=-1).T
    return torch.cdist(one, other, compute_mode="donot_use_mm_for_euclid_dist")


def closeness(generated: Tensor, real: Tensor, rule: str) -> Tensor:
    """What Eq. 2, 5 and 6 look for the least and the most of: distances of generated motions (..., N) over those of the real ones."""
    if rule == "generated":
        return generated
    if rule == "real":
        return -real
    return generated / (real + LEAST)
