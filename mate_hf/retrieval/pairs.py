"""Captioned motions as the retrieval model's batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.data.batching import Draw, cropped, pad_motions, pad_rows
from mate_hf.data.motion_column import read_motion
from mate_hf.data.triplets import caption_number
from mate_hf.retrieval.text_features import TextFeatures


@dataclass
class Pair:
    """A caption, its token features (S,W), its sentence feature (D,), and its cropped motion (T,F)."""

    caption: str
    tokens: NDArray[np.float32]
    sentence: NDArray[np.float32]
    motion: NDArray[np.float32]


class Pairs(torch.utils.data.Dataset[Pair]):
    """A split as pairs, addressed by `Draw`.

    Args:
        split: columns `caption` and `motion`.
        features: of at least the split's captions.
        seed: with the draw's epoch and row, fixes the crop.
    """

    def __init__(self, split: Dataset, features: TextFeatures, seed: int) -> None:
        self.split, self.features, self.seed = split, features, seed
        self.captions = split.select_columns(["caption"]).with_format(None)

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, draw: Draw) -> Pair:
        caption = self.captions[draw.row]["caption"]
        _, motion = cropped(read_motion(self.split, draw.row), self.seed, draw)
        return Pair(caption, self.features.tokens_of(caption), self.features.sentence_of(caption), motion)


def collate_pairs(pairs: list[Pair]) -> dict[str, Tensor]:
    """Pairs -> the tensors `RetrievalObjective.forward` takes."""
    text, text_mask = pad_rows([pair.tokens for pair in pairs])
    return pad_motions([pair.motion for pair in pairs]) | {
        "text": text,
        "text_mask": text_mask,
        "sentence": torch.from_numpy(np.stack([pair.sentence for pair in pairs])),
        "caption_id": torch.tensor([caption_number(pair.caption) for pair in pairs]),
    }
