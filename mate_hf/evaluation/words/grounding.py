"""Where a word looks: attention inside the frames that show it, where the truth is known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from mate_hf.evaluation.words.samples import Sample
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.modeling.word_spans import find_words, surface_form

Truth = dict[tuple[str, str], dict[str, Any]]


@dataclass
class Grounding:
    """Attention of words in captions of several actions, read without a prior, sample by sample.

    Attributes:
        truth: of `read_truth`: each caption's words with their frames.
        content: surface forms to count; all words where not given. Words whose frames are the whole motion, or lie
            outside the crop, are passed over: they cannot be right or wrong.
    """

    model: MateModel
    truth: Truth
    content: Collection[str] | None = None
    _rows: list[tuple[float, float, float]] = field(default_factory=list)

    @torch.no_grad()
    def add(self, item: Sample) -> None:
        """Look at one caption and its motion."""
        known = self.truth.get((item.id, item.caption))
        if known is None or len(known["sub_texts"]) < 2:
            return
        words = self.model.query_caption_words(item.caption)
        weights = self.model.word_attention_layer.weights(words, item.keys, item.mask)[0]
        for row, (text, _, _), word in zip(weights, find_words(item.caption), known["words"], strict=True):
            if self.content is None or surface_form(text) in self.content:
                self._rows += _measured(row, int(word["start"]), int(word["end"]))

    def metrics(self) -> dict[str, float]:
        """In percent: `pointing`, how often the frame of most weight lies inside the word's frames; `mass`, the weight
        inside; `chance`, the share of frames inside, which both would be for a word that looks nowhere; and `words`, how
        many were counted.
        """
        if not self._rows:
            return {"words": 0}
        pointing, mass, chance = (100 * fmean(column) for column in zip(*self._rows, strict=True))
        return {"pointing": pointing, "mass": mass, "chance": chance, "words": len(self._rows)}


def _measured(weights: Tensor, start: int, end: int) -> list[tuple[float, float, float]]:
    frames = len(weights)
    end = min(end, frames)
    if start >= end or (start == 0 and end == frames):
        return []
    best = int(weights.argmax())
    return [(float(start <= best < end), float(weights[start:end].sum()), (end - start) / frames)]
