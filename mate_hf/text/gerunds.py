"""Which texts begin as "kicking twice" does, and so can stand behind "before" and "after"."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from spacy.language import Language

from mate_hf.text.english import open_spacy


def gerunds(texts: Iterable[str]) -> set[str]:
    """Those whose first word spaCy takes for a verb in -ing."""
    documents = _tagger().pipe(sorted(set(texts)), batch_size=256)
    return {document.text for document in documents if len(document) and document[0].tag_ == "VBG"}


@cache
def _tagger() -> Language:
    return open_spacy(["parser", "ner", "lemmatizer"])
