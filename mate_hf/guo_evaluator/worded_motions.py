"""Captioned motions as the evaluator's batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.data.batching import Draw, caption_number, cropped, pad_motions
from mate_hf.data.columns import Column
from mate_hf.data.split import Split
from mate_hf.guo_evaluator.evaluator import text_inputs
from mate_hf.guo_evaluator.tokens import Token
from mate_hf.guo_evaluator.vectors import WordVectors


@dataclass
class WordedMotion:
    """A caption, its tokens, and its cropped motion (T,F)."""

    caption: str
    tokens: list[Token]
    motion: NDArray[np.float32]


class WordedMotions(torch.utils.data.Dataset[WordedMotion]):
    """A split, addressed by `Draw`.

    Args:
        split: columns `caption` and `motion`.
        tokens: of every caption of the split.
        seed: with the draw's epoch and row, fixes the crop.
    """

    def __init__(self, split: Split, tokens: dict[str, list[Token]], seed: int) -> None:
        self.split, self.tokens, self.seed = split, tokens, seed
        self.captions = Column(split.captions, "caption")

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, draw: Draw) -> WordedMotion:
        caption = self.captions[draw.row]
        _, motion = cropped(self.split.motions[draw.row], self.seed, draw)
        return WordedMotion(caption, self.tokens[caption], motion)


@dataclass
class WordedMotionCollator:
    """`WordedMotion`s -> the tensors `EvaluatorObjective.forward` takes."""

    vectors: WordVectors

    def __call__(self, items: list[WordedMotion]) -> dict[str, Tensor]:
        return {
            **pad_motions([item.motion for item in items]),
            **text_inputs([item.tokens for item in items], self.vectors),
            "caption_id": torch.tensor([caption_number(item.caption) for item in items]),
        }
