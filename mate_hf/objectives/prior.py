"""How strongly a word looks at each frame before it has learnt anything: the attention prior of Eq. 4."""

from __future__ import annotations

import torch
from torch import Tensor

from mate_hf.errors import MateError

PRIORS = ("none", "binary", "gaussian_segment", "gaussian")
"""The rows of Table 6; `gaussian`, over the whole sequence, is the paper's choice."""


def inside_segment(segment: Tensor, frames: int) -> Tensor:
    """Which of T = `frames` frames each segment (...,2) holds: (...,T) bool; the end is exclusive, see `attention_prior`."""
    time = torch.arange(frames, device=segment.device)
    return (time >= segment[..., :1]) & (time < segment[..., 1:])


def attention_prior(segment: Tensor, frames: int, kind: str = "gaussian") -> Tensor | None:
    """AttentionPrior(t) of Eq. 4 for t = 0 .. frames-1.

    Args:
        segment: (...,2), first frame s and end frame e (exclusive) of each word's segment, in the frames of the
            batch; it may reach past a crop.
        frames: T.
        kind: `gaussian` exp(-(t-c)^2 / 2 sigma^2) with c = (s+e)/2 and sigma = (e-s)/2; `gaussian_segment` the same,
            zero outside the segment; `binary` one inside, zero outside; `none`.

    Returns:
        (...,T) in [0, 1], or None for `none`.
    """
    if kind not in PRIORS:
        raise MateError(f"attention_prior: {kind!r}; expected one of {', '.join(PRIORS)}.")
    if kind == "none":
        return None
    start, end = segment.to(torch.float32).unsqueeze(-1).unbind(-2)
    time = torch.arange(frames, device=segment.device, dtype=torch.float32)
    inside = inside_segment(segment, frames)
    if kind == "binary":
        return inside.float()
    gaussian = torch.exp(-((time - (start + end) / 2) ** 2) / (2 * ((end - start) / 2).clamp(min=0.5) ** 2))
    return gaussian if kind == "gaussian" else gaussian * inside
