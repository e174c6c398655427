"""Captioned motions as batches without words: for what learns from motion and only needs to know captions apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.data.batching import EVALUATION, Draw, caption_number, cropped, draw_generator, pad_motions
from mate_hf.data.columns import Column
from mate_hf.data.split import Split


class CaptionedMotion(NamedTuple):
    """A caption and its motion (T,F), raw, or a part of that."""

    caption: str
    motion: NDArray[np.float32]


class CaptionedMotions(torch.utils.data.Dataset[CaptionedMotion]):
    """A split's captions with their motions, addressed by `Draw`.

    Args:
        seed: with the draw's epoch and row, fixes the frames.
        window: at most so many frames of each motion, from a random one on; by default the field's crop, and that one
            always in evaluation.
    """

    def __init__(self, split: Split, seed: int, window: int | None = None) -> None:
        self.split, self.seed, self.window = split, seed, window
        self.captions = Column(split.captions, "caption")

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, draw: Draw) -> CaptionedMotion:
        return CaptionedMotion(self.captions[draw.row], self._seen(self.split.motions[draw.row], draw))

    def _seen(self, motion: NDArray[np.float32], draw: Draw) -> NDArray[np.float32]:
        if self.window is None or draw.epoch == EVALUATION:
            return cropped(motion, self.seed, draw)[1]
        last = max(len(motion) - self.window, 0)
        first = int(draw_generator(self.seed, draw, "window").integers(last + 1))
        return motion[first : first + self.window]


def collate_captioned(drawn: list[CaptionedMotion]) -> dict[str, Tensor]:
    """`motion`, `length` and `mask` as of `pad_motions`, and `caption_id` (B,)."""
    numbers = torch.tensor([caption_number(one.caption) for one in drawn])
    return pad_motions([one.motion for one in drawn]) | {"caption_id": numbers}
