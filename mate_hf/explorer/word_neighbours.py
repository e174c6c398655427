"""The nearest words of a word, in the encoder as it came and in the run's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.text.encoders import TextEncoder
from mate_hf.text.opposites import contraries
from mate_hf.text.vocabulary import Vocabulary

COUNT = 8

Ranked = list[tuple[str, float]]


@dataclass(frozen=True)
class Neighbours:
    """What is near a word.

    Attributes:
        known: whether the training captions have it.
        pieces: tokens that it is read in.
        stock, tuned: nearest words with their cosines, best first; stock None where the encoder as it came is not at hand.
        opposites: of each contrary its cosine with the word, stock (or None) and tuned.
    """

    word: str
    known: bool
    pieces: tuple[str, ...]
    stock: Ranked | None
    tuned: Ranked
    opposites: dict[str, tuple[float | None, float]]


class WordTables:
    """The words of the training captions in both encoders.

    Args:
        base: the encoder as it came; None where it is not at hand.
        tuned: the run's.
    """

    def __init__(self, base: TextEncoder | None, tuned: TextEncoder, vocabulary: Vocabulary) -> None:
        self.words: Sequence[str] = sorted(vocabulary.word_to_lemma)
        self._known = set(self.words)
        self._base = None if base is None else _Table(base, self.words)
        self._tuned = _Table(tuned, self.words)

    def neighbours(self, word: str, count: int = COUNT) -> Neighbours:
        """The nearest words of a word, which need not be a known one."""
        tables = (self._base, self._tuned)
        opposites = {
            opposite: (
                None if self._base is None else self._base.cosine(word, opposite),
                self._tuned.cosine(word, opposite),
            )
            for opposite in contraries(word)
        }
        stock, tuned = (None if table is None else table.nearest(word, count) for table in tables)
        assert tuned is not None
        pieces = tuple(self._tuned.encoder.tokenizer.tokenize(word))
        return Neighbours(word, word in self._known, pieces, stock, tuned, opposites)


class _Table:
    def __init__(self, encoder: TextEncoder, words: Sequence[str]) -> None:
        self.encoder, self.words = encoder, words
        self.rows = self._rows(words)

    def nearest(self, word: str, count: int) -> Ranked:
        [row] = self._rows([word])
        scores = self.rows @ row
        order = scores.argsort(descending=True, stable=True).tolist()
        return [(self.words[place], float(scores[place])) for place in order if self.words[place] != word][
            :count
        ]

    def cosine(self, word: str, other: str) -> float:
        one, two = self._rows([word, other])
        return float(one @ two)

    def _rows(self, words: Sequence[str]) -> Tensor:
        with torch.no_grad():
            return F.normalize(self.encoder.word_embeddings(words).float(), dim=-1)
