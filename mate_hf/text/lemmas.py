"""The lemma of each word of a caption: spaCy's tagger and rule lemmatiser, the words of motion guarded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Token

from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.text.clitics import split_clitic
from mate_hf.text.english import open_spacy
from mate_hf.text.protected_words import leaves_are_foliage, left_is_departure, protected_lemma
from mate_hf.utils.parts import Parts
from mate_hf.utils.workers import ordered_map, shares

_MARKS = re.compile(r"(\S)\1*")
_BATCH = 256
_SHARE = 2048
"""Captions that are read, and kept, at a time."""

_INFLECTED = frozenset(["NOUN", "PROPN", "VERB", "AUX", "ADJ", "ADV"])


class Lemmatizer:
    """Lemmas of captions in context, one for each word of `find_words`.

    Args:
        workers: processes to share the captions among; one reads about a thousand captions a second.
        parts: where shares of captions that were read are kept, for a broken run to go on.

    Raises:
        MateError: no English spaCy model is installed.
    """

    def __init__(self, workers: int = 1, parts: Parts | None = None) -> None:
        self.workers, self.parts = workers, parts
        self._nlp = open_spacy(("parser", "ner"))
        self._english = _english_lemmas(self._nlp)

    def lemmas(self, captions: Iterable[str]) -> Iterator[list[str]]:
        """The lower-case lemma of each word, caption by caption; an unknown spelling keeps itself."""
        # Not spaCy's own processes: sending documents back costs more than reading them.
        read = self._read if self.workers == 1 else _read_by_worker
        with ordered_map(self.workers, share=1) as mapped:
            for share in mapped(partial(_once, self.parts, read), shares(captions, _SHARE)):
                yield from share

    def _read(self, captions: list[str]) -> list[list[str]]:
        documents = (_document(self._nlp, caption) for caption in captions)
        read = self._nlp.pipe(documents, as_tuples=True, batch_size=_BATCH)
        return [[self._lemma(doc, head) for head in heads] for doc, heads in read]

    def _lemma(self, doc: Doc, head: int) -> str:
        form = doc[head].text
        before, after = _neighbour(doc, head - 1), _neighbour(doc, head + 1)
        if form == "left" and left_is_departure(before, after):
            return "leave"
        if form == "leaves" and not leaves_are_foliage(before):
            return "leave"
        return protected_lemma(form) or self._spacy_lemma(doc[head])

    def _spacy_lemma(self, token: Token) -> str:
        form, lemma = token.text, token.lemma_.lower()
        # The rules cut any "-ing" and "-ed": "someting" becomes "somete", "outstretched" "outstretche".
        guessed = token.pos_ in _INFLECTED and form != f"{lemma}s"
        if guessed and lemma.rpartition("-")[2] not in self._english:
            return form
        return lemma


@cache
def _worker() -> Lemmatizer:
    return Lemmatizer()


def _read_by_worker(captions: list[str]) -> list[list[str]]:
    return _worker()._read(captions)


def keep_lemmas(captions: Iterable[str], parts: Parts, process: int, processes: int) -> None:
    """Read this process's part of the captions and keep it: a `Lemmatizer` with the same `parts` finds it there."""
    own = [share for number, share in enumerate(shares(captions, _SHARE)) if number % processes == process]
    for share in own:
        _once(parts, _read_by_worker, share)


def _once(
    parts: Parts | None, read: Callable[[list[str]], list[list[str]]], captions: list[str]
) -> list[list[str]]:
    if parts is None:
        return read(captions)
    name = hashlib.sha256("\n".join(captions).encode()).hexdigest()
    return parts.once(f"lemmas-{name[:32]}", lambda: read(captions))


def _english_lemmas(nlp: Language) -> frozenset[str]:
    """Every lemma that spaCy's own tables know."""
    lemmatizer: Any = nlp.get_pipe("lemmatizer")
    index, exceptions = (lemmatizer.lookups.get_table(name) for name in ("lemma_index", "lemma_exc"))
    known = {lemma for lemmas in index.values() for lemma in lemmas}
    known.update(lemma for forms in exceptions.values() for lemmas in forms.values() for lemma in lemmas)
    return frozenset(known)


def _document(nlp: Language, caption: str) -> tuple[Doc, list[int]]:
    """A spaCy document with our own word boundaries, and which of its tokens carries each word's lemma.

    Clitics are cut off ("person 's", "do n't") and punctuation stays in, as in the text the tagger learned
    from. Case goes: it would take "Walks" for a name.
    """
    pieces: list[tuple[str, int]] = []
    heads: list[int] = []
    read = 0
    for text, start, end in find_words(caption):
        pieces += _marks(caption, read, start)
        host, clitic = split_clitic(surface_form(text).replace(" ", ""))
        heads.append(len(pieces) + (clitic == "n't"))
        cut = end - len(clitic)
        pieces.append((host, cut))
        if clitic:
            pieces.append((clitic, end))
        read = end
    pieces += _marks(caption, read, len(caption))
    spaces = [caption[end : end + 1].isspace() for _, end in pieces]
    return Doc(nlp.vocab, words=[piece for piece, _ in pieces], spaces=spaces), heads


def _marks(caption: str, start: int, end: int) -> list[tuple[str, int]]:
    return [(mark.group(), mark.end()) for mark in _MARKS.finditer(caption, start, end)]


def _neighbour(doc: Doc, position: int) -> str:
    """The word at `position`; "" where the caption ends or pauses there."""
    if not 0 <= position < len(doc) or not any(map(str.isalnum, doc[position].text)):
        return ""
    return doc[position].text
