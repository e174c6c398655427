"""The diffusion transformer's block: frames among frames, frames on words, all of it tuned by sentence, time and length."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .attention import attend
from .dropout import Dropout

MODULATIONS = 6
"""Shift, scale and gate of self-attention and of the feed-forward layer."""


class Words(NamedTuple):
    """Keys and values that one block makes of the words, (B,H,S,W) each."""

    keys: Tensor
    values: Tensor


class DenoiserBlock(nn.Module):
    """Self-attention and feed-forward under adaLN (Peebles and Xie 2023), its modulation shared by all blocks up to an offset of their
    own (Chen et al. 2024); between them cross-attention on the encoder's tokens.
    """

    def __init__(self, width: int, heads: int, feedforward: int, p: float) -> None:
        super().__init__()
        self.heads, self.p = heads, p
        self.modulation = nn.Parameter(torch.zeros(MODULATIONS, width))
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width, elementwise_affine=False)
        self.attention = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.words_query = nn.Linear(width, width)
        self.words_keys = nn.Linear(width, 2 * width)
        self.words_out = nn.Linear(width, width)
        self.rise = nn.Linear(width, feedforward)
        self.fall = nn.Linear(feedforward, width)
        self.dropout = Dropout(p)

    def read_words(self, text: Tensor) -> Words:
        """Words (B,S,D), to be attended to."""
        return Words(*map(self._split, self.words_keys(text).chunk(2, -1)))

    def forward(
        self, frames: Tensor, mask: Tensor | None, shared: Tensor, words: Words, words_mask: Tensor
    ) -> Tensor:
        """Frames (B,P,D) one block on.

        Args:
            mask: (B,1,1,P), True on real frames; None where all are.
            shared: modulation of all blocks (B,6,D).
            words_mask: (B,1,1,S), True on real tokens.
        """
        shift1, scale1, gate1, shift2, scale2, gate2 = (shared + self.modulation).unsqueeze(2).unbind(1)
        q, k, v = map(self._split, self.attention(self.norm1(frames) * (1 + scale1) + shift1).chunk(3, -1))
        attended = self._join(attend(q, k, v, mask, self._p))
        frames = frames + gate1 * self.dropout(self.attention_out(attended))
        queries = self._split(self.words_query(self.norm2(frames)))
        heard = self._join(attend(queries, words.keys, words.values, words_mask, self._p))
        frames = frames + self.dropout(self.words_out(heard))
        inner = F.gelu(self.rise(self.norm3(frames) * (1 + scale2) + shift2), approximate="tanh")
        return frames + gate2 * self.dropout(self.fall(inner))

    def word_weights(self, frames: Tensor, words: Words, words_mask: Tensor) -> Tensor:
        """What frames (B,P,D) that left the block look at: the mean over heads, (B,P,S)."""
        queries = self._split(self.words_query(self.norm2(frames)))
        logits = queries @ words.keys.transpose(-1, -2) * queries.shape[-1] ** -0.5
        return logits.masked_fill(~words_mask, float("-inf")).softmax(-1).mean(1)

    @property
    def _p(self) -> float:
        return self.p if self.training else 0.0

    def _split(self, features: Tensor) -> Tensor:
        return features.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def _join(self, features: Tensor) -> Tensor:
        return features.transpose(1, 2).flatten(2)
