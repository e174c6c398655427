"""How alike the motions are that a word was said of: whether there is something to learn from them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class WordConsistency(nn.Module):
    """A running mean of each word's unit motion feature f_w^m; its length is 1 where they all agree, near 0 where none do.

    Args:
        words: K. width: D.
        keep: of the mean at each step in which the word occurs.
    """

    mean: Tensor
    met: Tensor

    def __init__(self, words: int, width: int, keep: float = 0.95) -> None:
        super().__init__()
        self.keep = keep
        self.register_buffer("mean", torch.zeros(words, width))
        self.register_buffer("met", torch.zeros(words))

    @torch.no_grad()
    def add(self, features: Tensor, words: Tensor) -> None:
        """Take a step's word-motion features (N,D) of the words (N,)."""
        unit = F.normalize(features.float(), dim=-1)
        sums = torch.zeros_like(self.mean).index_add_(0, words, unit)
        counts = torch.zeros_like(self.met).index_add_(0, words, torch.ones_like(unit[:, 0]))
        here = counts > 0
        self.mean[here] = self.keep * self.mean[here] + (1 - self.keep) * sums[here] / counts[here, None]
        self.met[here] += 1

    def value(self) -> Tensor:
        """(K,) in [0, 1]; 0 for a word that was not met yet."""
        # What the zeros at the start still weigh is divided out.
        return self.mean.norm(dim=1) / (1 - self.keep**self.met).clamp(min=1 - self.keep)
