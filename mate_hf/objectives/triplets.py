"""The paper's triplets {t, m, w}: a caption, its motion, and one word drawn from the caption (Sec. 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from mate_hf.data.batching import Draw, caption_number, cropped, draw_generator, pad_motions
from mate_hf.data.columns import Columns
from mate_hf.data.split import SEGMENT_COLUMNS, Split
from mate_hf.errors import MateError
from mate_hf.objectives.contraries import Contraries
from mate_hf.objectives.held import Company
from mate_hf.text.encoders import Captions, tokenise
from mate_hf.text.sub_text_words import sub_text_of_words
from mate_hf.text.vocabulary import Vocabulary

WORD_SAMPLING = ("uniform", "content", "inverse_frequency")


@dataclass
class Triplet:
    """One caption and its cropped motion; the word is drawn once the caption is tokenised.

    Attributes:
        motion: the crop (T,F); first_frame: where it begins in the whole motion.
        sub_texts, segments: of the localized caption, in frames of the whole motion; empty where `mate localize` has
            not been run.
    """

    draw: Draw
    caption: str
    lemmas: list[str]
    motion: NDArray[np.float32]
    first_frame: int
    sub_texts: list[str]
    segments: list[list[int]]

    def word_segments(self) -> list[tuple[int, int]]:
        """Start and end, in frames of the crop, of the segment that each word of `find_words(caption)` speaks of.

        It may reach past the crop. The whole crop for words of no sub-text ("then"), and where there is one sub-text.
        """
        whole = (0, len(self.motion))
        if len(self.segments) < 2:
            return [whole] * len(self.lemmas)
        shifted = [(start - self.first_frame, end - self.first_frame) for start, end in self.segments]
        owners = sub_text_of_words(self.caption, self.sub_texts)
        return [whole if owner is None else shifted[owner] for owner in owners]


class Triplets(torch.utils.data.Dataset[Triplet]):
    """A prepared split as triplets, addressed by `Draw`.

    Args:
        split: columns `caption`, `lemmas` and `motion`; `sub_texts` and `segments` where it is localized.
        seed: with the draw's epoch and row, fixes the crop and the word.
    """

    def __init__(self, split: Split, seed: int) -> None:
        self.split = split
        self.localized = split.is_localized
        self.texts = Columns(
            split.captions, ("caption", "lemmas", *(SEGMENT_COLUMNS if self.localized else ()))
        )
        self.seed = seed

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, draw: Draw) -> Triplet:
        first, motion = cropped(self.split.motions[draw.row], self.seed, draw)
        row = self.texts[draw.row]
        sub_texts, segments = (row[column] for column in SEGMENT_COLUMNS) if self.localized else ([], [])
        return Triplet(draw, row["caption"], row["lemmas"], motion, first, sub_texts, segments)


@dataclass
class TripletCollator:
    """Triplets -> the tensors `MateObjective.forward` takes.

    Attributes:
        tokenizer, token_limit: of the text encoder.
        vocabulary: gives words their prototypes.
        word_sampling: `uniform` over the caption's words, `content` (function words only where there is nothing
            else), or `inverse_frequency` (a word's chance is 1 / its count in the training captions).
        words_per_caption: how many are drawn from each caption; one comes again only after all others have come.
        company: for captions that are to stay where they are. contraries: for captions and words that are turned.
    """

    tokenizer: PreTrainedTokenizerBase
    token_limit: int
    vocabulary: Vocabulary
    seed: int
    word_sampling: str = "uniform"
    words_per_caption: int = 1
    company: Company | None = None
    contraries: Contraries | None = None

    def __post_init__(self) -> None:
        if self.word_sampling not in WORD_SAMPLING:
            raise MateError(
                f"word_sampling: {self.word_sampling!r}; expected one of {', '.join(WORD_SAMPLING)}."
            )
        self.rarity = 1.0 / np.asarray(self.vocabulary.counts)

    def __call__(self, triplets: list[Triplet]) -> dict[str, Tensor]:
        tokens = tokenise(self.tokenizer, [triplet.caption for triplet in triplets], self.token_limit)
        prototypes = [self._prototypes(triplet.lemmas) for triplet in triplets]
        segments = [triplet.word_segments() for triplet in triplets]
        drawn = [
            self._draw_words(triplet, spans, ids, ranges)
            for triplet, spans, ids, ranges in zip(triplets, tokens.words, prototypes, segments, strict=True)
        ]
        places = [spans[word] for chosen, spans in zip(drawn, tokens.words, strict=True) for word in chosen]
        padded = _padded(places, -1)
        word_mask = (padded >= 0).unflatten(0, (len(triplets), self.words_per_caption))
        word_places = padded.clamp(min=0).view_as(word_mask)
        word_tokens = tokens.input_ids.gather(1, word_places.flatten(1)).view_as(word_mask)
        batch = pad_motions([triplet.motion for triplet in triplets])
        return (
            batch
            | self._beside(triplets, tokens, drawn)
            | {
                "input_ids": tokens.input_ids,
                "attention_mask": tokens.attention_mask,
                "word_tokens": word_tokens * word_mask,
                "word_mask": word_mask,
                "word_places": word_places,
                "prototype_id": _picked(prototypes, drawn),
                "caption_prototypes": _padded(prototypes, -1),
                "caption_id": torch.tensor([caption_number(triplet.caption) for triplet in triplets]),
                "segment": _picked(segments, drawn),
            }
        )

    def _beside(self, triplets: list[Triplet], tokens: Captions, drawn: list[list[int]]) -> dict[str, Tensor]:
        beside: dict[str, Tensor] = {}
        if self.company is not None:
            randoms = [draw_generator(self.seed, triplet.draw, "hold") for triplet in triplets]
            beside |= self.company.replaced(tokens, [triplet.lemmas for triplet in triplets], randoms)
        if self.contraries is not None:
            randoms = [draw_generator(self.seed, triplet.draw, "contrary") for triplet in triplets]
            beside |= self.contraries.of([triplet.caption for triplet in triplets], drawn, randoms)
        return beside

    def _prototypes(self, lemmas: list[str]) -> list[int]:
        ids = (self.vocabulary.prototype_id(lemma) for lemma in lemmas)
        return [-1 if number is None else number for number in ids]

    def _draw_words(
        self,
        triplet: Triplet,
        spans: list[list[int]],
        prototypes: list[int],
        segments: list[tuple[int, int]],
    ) -> list[int]:
        words = [
            word for word, ids in enumerate(prototypes) if ids >= 0 and word < len(spans) and spans[word]
        ]
        if not words:
            raise MateError(
                f"caption {triplet.caption!r}: none of its words has a prototype within the encoder's token limit."
            )
        # A crop of a long motion may not show what a word speaks of.
        shown = [word for word in words if segments[word][0] < len(triplet.motion) and segments[word][1] > 0]
        words = shown or words
        random = draw_generator(self.seed, triplet.draw, "word")
        if self.word_sampling == "content":
            words = [word for word in words if triplet.lemmas[word] in self.vocabulary.content] or words
        chance = None
        if self.word_sampling == "inverse_frequency":
            rarity = self.rarity[[prototypes[word] for word in words]]
            chance = rarity / rarity.sum()
        drawn: list[int] = []
        # Each word once before any comes again.
        while len(drawn) < self.words_per_caption:
            count = min(len(words), self.words_per_caption - len(drawn))
            drawn += random.choice(words, count, replace=False, p=chance).tolist()
        return drawn


def _picked(rows: Sequence[Sequence[Any]], chosen: list[list[int]]) -> Tensor:
    return torch.tensor([[row[word] for word in words] for row, words in zip(rows, chosen, strict=True)])


def _padded(rows: list[list[int]], value: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])
