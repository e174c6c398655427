"""Which texts begin as "kicking twice" does, and so can stand behind "before" and "after"."""

from __future__ import annotations

from collections.abc import Iterable

from mate_hf.text.english import open_spacy

_UNUSED = ("parser", "ner", "lemmatizer")


def gerunds(texts: Iterable[str]) -> set[str]:
    """Those whose first word spaCy takes for a verb in -ing."""
    documents = open_spacy(_UNUSED).pipe(sorted(set(texts)), batch_size=256)
    return {document.text for document in documents if len(document) and document[0].tag_ == "VBG"}
