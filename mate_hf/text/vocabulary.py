"""Captions to prototypes: which lemmas a corpus has, and which of them each word of a caption is.

K, the number of prototypes, is the number of lemmas (paper, appendix C: "walks" and "walking" share "walk").
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mate_hf.errors import MateError
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.text.clitics import split_clitic
from mate_hf.text.function_words import FUNCTION_LEMMAS
from mate_hf.text.lemma_votes import Votes, count_votes, settle_lemmas
from mate_hf.text.protected_words import protected_lemma
from mate_hf.text.vocabulary_file import read_entries, write_entries

if TYPE_CHECKING:
    from mate_hf.text.lemmas import Lemmatizer

VOCABULARY_FILE = "vocabulary.json"
"""Its name in prepared folders, run folders and model folders."""


@dataclass(frozen=True)
class Word:
    """One word of a caption, text == caption[start:end].

    prototype_id is None where its lemma has no prototype; content is true where it has one and is no
    function word.
    """

    text: str
    start: int
    end: int
    lemma: str
    prototype_id: int | None
    content: bool


@dataclass(frozen=True)
class CaptionWords:
    """A caption and its words, in order; no words where it has none."""

    caption: str
    words: list[Word]


@dataclass(frozen=True)
class Vocabulary:
    """The lemmas of a corpus. A lemma's position is its prototype's id.

    Attributes:
        lemmas: (K,) from the most frequent to the least, equal counts alphabetically.
        counts: (K,) how many words of the captions have each lemma.
        forms: the spellings met of each lemma (lower case), most frequent first; no form has two lemmas.
        content: the lemmas that are not function words.
    """

    lemmas: tuple[str, ...]
    counts: tuple[int, ...]
    forms: dict[str, tuple[str, ...]]
    content: frozenset[str]

    @classmethod
    def from_captions(
        cls, captions: Iterable[str], min_count: int = 1, lemmatizer: Lemmatizer | None = None
    ) -> Vocabulary:
        """Read the lemmas of all captions; a caption that comes twice counts twice.

        Args:
            captions: the training captions.
            min_count: lemmas met less often get no prototype.
            lemmatizer: by default one spaCy process.

        Raises:
            MateError: a caption is not text, or no word is left.
        """
        if lemmatizer is None:
            # spaCy takes seconds to import, and only this function needs it.
            from mate_hf.text.lemmas import Lemmatizer

            lemmatizer = Lemmatizer()
        repeats = Counter(_checked(captions))
        return cls.from_votes(count_votes(repeats, lemmatizer), repeats.total(), min_count)

    @classmethod
    def from_votes(cls, votes: Votes, captions: int, min_count: int = 1) -> Vocabulary:
        """The vocabulary of captions whose words have been read.

        Args:
            votes: of `count_votes`.
            captions: how many, for the message.
            min_count: see `from_captions`.

        Raises:
            MateError: no word is left.
        """
        if not votes:
            raise MateError(
                f"no word in {captions} captions: a vocabulary needs at least one. "
                "Look at the caption files; expected one English sentence a line."
            )
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        for form, lemma in settle_lemmas(votes).items():
            forms[lemma][form] = votes[form].total()
        totals = {lemma: of_form.total() for lemma, of_form in forms.items()}
        counts = {lemma: total for lemma, total in totals.items() if total >= min_count}
        if not counts:
            raise MateError(f"no lemma occurs {min_count} times or more. Lower min_count or add captions.")
        lemmas = _by_frequency(counts)
        return cls(
            lemmas=tuple(lemmas),
            counts=tuple(counts[lemma] for lemma in lemmas),
            forms={lemma: tuple(_by_frequency(forms[lemma])) for lemma in lemmas},
            content=frozenset(lemma for lemma in lemmas if lemma not in FUNCTION_LEMMAS),
        )

    def __len__(self) -> int:
        """K, the number of prototypes."""
        return len(self.lemmas)

    def prototype_id(self, lemma: str) -> int | None:
        """The row of this lemma's prototype, None where it has none."""
        return self._ids.get(lemma)

    @cached_property
    def word_to_lemma(self) -> dict[str, str]:
        """The lemma of every surface form met, for use without spaCy: see `surface_form`."""
        return {form: lemma for lemma, forms in self.forms.items() for form in forms}

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {lemma: number for number, lemma in enumerate(self.lemmas)}

    def annotate(self, captions: str | Iterable[str]) -> list[CaptionWords]:
        """The words of each caption with their lemmas and prototypes, by look-up: no spaCy, no context.

        A form that the corpus did not have is looked up as a lemma.
        """
        return [CaptionWords(caption, self._words(caption)) for caption in _checked(captions)]

    def _words(self, caption: str) -> list[Word]:
        words = []
        for text, start, end in find_words(caption):
            lemma = self._lemma(surface_form(text))
            number = self.prototype_id(lemma)
            words.append(Word(text, start, end, lemma, number, content=lemma in self.content))
        return words

    def _lemma(self, form: str) -> str:
        host = split_clitic(form)[0]
        known = self.word_to_lemma
        return known.get(form) or protected_lemma(form) or known.get(host) or host

    def save(self, path: str | Path) -> None:
        """Write one JSON file, whole or not at all."""
        entries = [
            {"lemma": lemma, "count": count, "content": lemma in self.content, "forms": self.forms[lemma]}
            for lemma, count in zip(self.lemmas, self.counts, strict=True)
        ]
        write_entries(path, entries)

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """Open what `save` wrote.

        Raises:
            MateError: the file is missing, damaged, or of another version.
        """
        entries = read_entries(path)
        return cls(
            lemmas=tuple(entry["lemma"] for entry in entries),
            counts=tuple(entry["count"] for entry in entries),
            forms={entry["lemma"]: tuple(entry["forms"]) for entry in entries},
            content=frozenset(entry["lemma"] for entry in entries if entry["content"]),
        )


def _by_frequency(counts: dict[str, int]) -> list[str]:
    return sorted(counts, key=lambda word: (-counts[word], word))


def _checked(captions: str | Iterable[str]) -> Iterable[str]:
    if isinstance(captions, str):
        captions = [captions]
    for number, caption in enumerate(captions):
        if not isinstance(caption, str):
            raise MateError(f"caption {number} is {caption!r}; expected text. Remove or fill it.")
        yield caption
