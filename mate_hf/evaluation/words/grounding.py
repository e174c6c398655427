"""Where a word looks: attention inside the frames that show it, where the truth is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import torch

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
    _words: list[dict[str, float]] = field(default_factory=list)

    @torch.no_grad()
    def add(self, item: Sample) -> None:
        """Look at one caption and its motion."""
        known = self.truth.get((item.id, item.caption))
        if known is None or len(known["sub_texts"]) < 2:
            return
        ask = {"": item.words}
        if self.model.context_projection is not None:
            ask[" in context"] = item.queries
        attend = self.model.word_attention_layer
        looks = {how: attend.weights(queries, item.keys, item.mask)[0] for how, queries in ask.items()}
        frames = item.frames
        for place, ((text, _, _), word) in enumerate(
            zip(find_words(item.caption), known["words"], strict=True)
        ):
            start, end = int(word["start"]), min(int(word["end"]), frames)
            if self.content is not None and surface_form(text) not in self.content:
                continue
            if start >= end or (start == 0 and end == frames):
                continue
            guess = _middle_of_share(known["segments"], start, int(word["end"]), frames)
            found = {"chance": (end - start) / frames, "pointing by order": float(start <= guess < end)}
            for how, weights in looks.items():
                found[f"pointing{how}"] = float(start <= int(weights[place].argmax()) < end)
                found[f"mass{how}"] = float(weights[place, start:end].sum())
            self._words.append(found)

    def metrics(self) -> dict[str, float]:
        """In percent, over `words` words:

        `pointing`, how often the frame of most weight lies inside the word's frames; `mass`, the weight inside; `chance`, the
        share of frames inside, which both would be for a word that looks nowhere. The word asks by itself; where the model
        has `context_queries`, `pointing in context` and `mass in context` are those of the word in its caption. Such a word
        can tell by its place in the sentence which action comes first: `pointing by order` is what that alone is worth, a look at
        the middle of the word's share were all actions of the caption equally long.
        """
        words = self._words
        means = {name: 100 * fmean(word[name] for word in words) for name in words[0]} if words else {}
        return {**means, "words": len(words)}


def _middle_of_share(segments: Sequence[Sequence[int]], start: int, end: int, frames: int) -> int:
    first = next(place for place, segment in enumerate(segments) if segment[1] > start)
    last = next(place for place, segment in enumerate(segments) if segment[1] >= end)
    return int((first + last + 1) / 2 / len(segments) * frames)
