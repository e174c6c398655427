"""Captions and words turned into their contrary: negatives that differ in nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from mate_hf.modeling.clip_captions import tokenised
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.text.encoders import tokenise
from mate_hf.text.opposites import cased_like, contraries
from mate_hf.text.vocabulary import Vocabulary


@dataclass
class Contraries:
    """What captions and their drawn words must not be taken for. A contrary is a word of the corpus: another would learn from nothing else.

    Attributes:
        tokenizer, token_limit: of the text encoder.
    """

    tokenizer: PreTrainedTokenizerBase
    token_limit: int
    vocabulary: Vocabulary
    _pieces: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {form for forms in self.vocabulary.forms.values() for form in forms}

    def of(
        self, captions: Sequence[str], drawn: Sequence[Sequence[int]], randoms: Sequence[np.random.Generator]
    ) -> dict[str, Tensor]:
        """One word of each caption turned, and each drawn word's contrary.

        Args:
            captions: B of them. drawn: places in `find_words` of the N words of each.

        Returns:
            `turned_ids`, `turned_attention` (B,S) and `turned` (B,), False where no word has a contrary: there the caption stands
            as it is; `contrary_tokens`, `contrary_mask` (B,N,W), nothing real where a word has none.
        """
        words = [find_words(caption) for caption in captions]
        texts, turned = [], []
        for caption, found, random in zip(captions, words, randoms, strict=True):
            places = [place for place, (text, _, _) in enumerate(found) if self._contrary(text)]
            turned.append(bool(places))
            texts.append(
                self._turn(caption, found[int(random.choice(places))], random) if places else caption
            )
        tokens = tokenise(self.tokenizer, texts, self.token_limit)
        pieces = [
            [self._tokens(found[place][0], random) for place in chosen]
            for found, chosen, random in zip(words, drawn, randoms, strict=True)
        ]
        longest = max(1, *(len(ids) for row in pieces for ids in row))
        padded = torch.tensor([[ids + [-1] * (longest - len(ids)) for ids in row] for row in pieces])
        return {
            "turned_ids": tokens.input_ids,
            "turned_attention": tokens.attention_mask,
            "turned": torch.tensor(turned),
            "contrary_tokens": padded.clamp(min=0),
            "contrary_mask": padded >= 0,
        }

    def _contrary(self, text: str) -> list[str]:
        return [word for word in contraries(text) if surface_form(word) in self.known]

    def _turn(self, caption: str, word: tuple[str, int, int], random: np.random.Generator) -> str:
        text, start, end = word
        other = str(random.choice(self._contrary(text)))
        return caption[:start] + cased_like(text, other) + caption[end:]

    def _tokens(self, text: str, random: np.random.Generator) -> list[int]:
        others = self._contrary(text)
        if not others:
            return []
        other = str(random.choice(others))
        if other not in self._pieces:
            encoded = tokenised(self.tokenizer, [other], add_special_tokens=False, verbose=False)
            self._pieces[other] = list(encoded["input_ids"][0])
        return self._pieces[other]
