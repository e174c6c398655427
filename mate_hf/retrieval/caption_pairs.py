"""Captioned motions as the retrieval model's batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.data.batching import (
    CROP_UNIT,
    EVALUATION,
    Draw,
    caption_number,
    cropped,
    draw_generator,
    pad_motions,
    pad_rows,
)
from mate_hf.data.columns import Columns
from mate_hf.data.compositions import Compositions
from mate_hf.data.split import SEGMENT_COLUMNS, Split
from mate_hf.errors import MateError
from mate_hf.text.text_features import TextFeatures


@dataclass
class Pair:
    """A caption, its token features (S,W), its sentence feature (D,), and its cropped motion (T,F)."""

    caption: str
    tokens: NDArray[np.float32]
    sentence: NDArray[np.float32]
    motion: NDArray[np.float32]


class Pairs(torch.utils.data.Dataset[list[Pair]]):
    """A split as pairs, addressed by `Draw`: one, or those of a caption's sub-texts.

    Args:
        split: columns `caption` and `motion`; `sub_texts` and `segments` where `segment_share` is not 0.
        features: of at least the texts of `paired_texts`.
        seed: with the draw's epoch and row, fixes the crop and the segment.
        segment_share: how often a localized caption of several sub-texts gives these, each with its segment, in place
            of the whole; never in evaluation. All of them stand in one batch: each is a negative of its neighbours.
        compositions: of this split; what they draw is learned in place of a caption, before segments are thought of.
    """

    def __init__(
        self,
        split: Split,
        features: TextFeatures,
        seed: int,
        segment_share: float = 0.0,
        compositions: Compositions | None = None,
    ) -> None:
        self.split, self.features, self.seed, self.segment_share = split, features, seed, segment_share
        self.compositions = compositions
        self.texts = Columns(split.captions, ("caption", *(SEGMENT_COLUMNS if segment_share else ())))

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, draw: Draw) -> list[Pair]:
        if self.compositions is not None and (composition := self.compositions.drawn(draw)):
            return [self._pair(composition.caption, self.compositions.motion(composition), draw)]
        row = self.texts[draw.row]
        motion = self.split.motions[draw.row]
        if not self._in_segments(row, draw):
            return [self._pair(row["caption"], motion, draw)]
        segments = zip(row["sub_texts"], row["segments"], strict=True)
        return [self._pair(text, motion[start:end], draw) for text, (start, end) in segments]

    def _in_segments(self, row: dict[str, Any], draw: Draw) -> bool:
        if not self.segment_share or draw.epoch == EVALUATION or len(row["segments"]) < 2:
            return False
        if min(end - start for start, end in row["segments"]) < CROP_UNIT:
            return False
        return bool(draw_generator(self.seed, draw, "segment").random() < self.segment_share)

    def _pair(self, text: str, motion: NDArray[np.float32], draw: Draw) -> Pair:
        _, motion = cropped(motion, self.seed, draw)
        return Pair(text, self.features.tokens_of(text), self.features.sentence_of(text), motion)


def require_segments(split: Split, share: float, source: str, name: str = "segment_share") -> None:
    """Make sure that a share of segments, the option `name`, can be drawn.

    Raises:
        MateError: the data at `source` has none.
    """
    if share and not split.is_localized:
        raise MateError(
            f"{name}: {share:g}, but {source} is not localized. Run `mate localize` first, or pass --{name} 0."
        )


def paired_texts(split: Split, with_sub_texts: bool) -> list[str]:
    """Every text that `Pairs` may speak of."""
    texts = list(split["caption"])
    if with_sub_texts:
        texts += [text for several in split["sub_texts"] for text in several]
    return texts


def collate_pairs(drawn: list[list[Pair]]) -> dict[str, Tensor]:
    """Pairs -> the tensors `RetrievalObjective.forward` takes."""
    pairs = [pair for several in drawn for pair in several]
    text, text_mask = pad_rows([pair.tokens for pair in pairs])
    return pad_motions([pair.motion for pair in pairs]) | {
        "text": text,
        "text_mask": text_mask,
        "sentence": torch.from_numpy(np.stack([pair.sentence for pair in pairs])),
        "caption_id": torch.tensor([caption_number(pair.caption) for pair in pairs]),
    }
