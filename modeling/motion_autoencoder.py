"""The TEMOS-style motion encoder and decoder (Petrovich et al. 2022; MATE appendix C), deterministic."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .attention import EncoderLayer, SingleMemoryLayer
from .dropout import Dropout
from .ragged import encode_grouped, length_groups


def sinusoids(length: int, width: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Sinusoidal positions (length, width)."""
    position = torch.arange(length, device=device, dtype=torch.float32).unsqueeze(1)
    rate = torch.exp(
        torch.arange(0, width, 2, device=device, dtype=torch.float32) * (-math.log(10000.0) / width)
    )
    table = torch.empty(length, width, device=device, dtype=torch.float32)
    table[:, 0::2] = torch.sin(position * rate)
    table[:, 1::2] = torch.cos(position * rate)[:, : width // 2]
    return table.to(dtype)


class MotionEncoder(nn.Module):
    """Motion -> one summary feature f^m and a feature F^m for every frame."""

    def __init__(
        self, motion_width: int, width: int, layers: int, heads: int, feedforward: int, dropout: float
    ):
        super().__init__()
        self.embed = nn.Linear(motion_width, width)
        self.summary = nn.Parameter(torch.randn(width))
        self.dropout = Dropout(dropout)
        layer = EncoderLayer(width, heads, feedforward, dropout)
        self.transformer = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, motion: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised motion (B,T,F), mask (B,T) True on real frames -> f^m (B,D), F^m (B,T,D)."""
        return encode_grouped(self._encode, motion, mask, self.embed.out_features)

    def _encode(self, motion: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        frames = self.embed(motion)
        summary = self.summary.to(frames.dtype).expand(len(frames), 1, -1)
        tokens = torch.cat([summary, frames], dim=1)
        tokens = self.dropout(
            tokens + sinusoids(tokens.shape[1], tokens.shape[2], tokens.device, tokens.dtype)
        )
        padded = torch.cat([torch.zeros_like(mask[:, :1]), ~mask], dim=1)
        encoded = self.transformer(tokens, src_key_padding_mask=padded)
        return encoded[:, 0], encoded[:, 1:]


class MotionDecoder(nn.Module):
    """f^m -> the motion: one time query a frame, attending to the summary feature."""

    def __init__(
        self, motion_width: int, width: int, layers: int, heads: int, feedforward: int, dropout: float
    ):
        super().__init__()
        self.dropout = Dropout(dropout)
        layer = SingleMemoryLayer(width, heads, feedforward, dropout)
        self.transformer = nn.TransformerDecoder(layer, layers)
        self.read_out = nn.Linear(width, motion_width)

    def forward(self, summary: Tensor, mask: Tensor) -> Tensor:
        """f^m (B,D), mask (B,T) True on real frames -> normalised motion (B,T,F), zero where padded."""
        groups = length_groups(mask, summary.shape[-1])
        if groups is None:
            return self._decode(summary, mask)
        parts = zip(groups.share(summary), groups.cut(mask), strict=True)
        return groups.join_padded(self._decode(*part) for part in parts)

    def _decode(self, summary: Tensor, mask: Tensor) -> Tensor:
        times = sinusoids(mask.shape[1], summary.shape[1], summary.device, summary.dtype)
        queries = self.dropout(times.expand(len(summary), -1, -1))
        decoded = self.transformer(queries, summary.unsqueeze(1), tgt_key_padding_mask=~mask)
        return self.read_out(decoded) * mask.unsqueeze(-1)
