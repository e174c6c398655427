"""Captioned motions as the retrieval model's batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.data.batching import EVALUATION, Draw, cropped, draw_generator, pad_motions, pad_rows
from mate_hf.data.motion_column import read_motion
from mate_hf.data.triplets import SEGMENT_COLUMNS, caption_number
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
        split: columns `caption` and `motion`; `sub_texts` and `segments` where `segment_share` is not 0.
        features: of at least the texts of `paired_texts`.
        seed: with the draw's epoch and row, fixes the crop and the segment.
        segment_share: how often a localized caption of several sub-texts gives one of them, with its segment, in place
            of the whole; never in evaluation.
    """

    def __init__(self, split: Dataset, features: TextFeatures, seed: int, segment_share: float = 0.0) -> None:
        self.split, self.features, self.seed, self.segment_share = split, features, seed, segment_share
        columns = ["caption", *(SEGMENT_COLUMNS if segment_share else ())]
        self.texts = split.select_columns(columns).with_format(None)

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, draw: Draw) -> Pair:
        row = self.texts[draw.row]
        text, motion = row["caption"], read_motion(self.split, draw.row)
        if self.segment_share and draw.epoch != EVALUATION and len(row["segments"]) > 1:
            random = draw_generator(self.seed, draw, "segment")
            if random.random() < self.segment_share:
                chosen = int(random.integers(len(row["segments"])))
                start, end = row["segments"][chosen]
                text, motion = row["sub_texts"][chosen], motion[start:end]
        _, motion = cropped(motion, self.seed, draw)
        return Pair(text, self.features.tokens_of(text), self.features.sentence_of(text), motion)


def paired_texts(split: Dataset, with_sub_texts: bool) -> list[str]:
    """Every text that `Pairs` may speak of."""
    texts = list(split["caption"])
    if with_sub_texts:
        texts += [text for several in split["sub_texts"] for text in several]
    return texts


def collate_pairs(pairs: list[Pair]) -> dict[str, Tensor]:
    """Pairs -> the tensors `RetrievalObjective.forward` takes."""
    text, text_mask = pad_rows([pair.tokens for pair in pairs])
    return pad_motions([pair.motion for pair in pairs]) | {
        "text": text,
        "text_mask": text_mask,
        "sentence": torch.from_numpy(np.stack([pair.sentence for pair in pairs])),
        "caption_id": torch.tensor([caption_number(pair.caption) for pair in pairs]),
    }
