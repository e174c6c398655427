"""A caption as the rules read it: lower-case forms, slips mended, spaCy's tags, and where each word stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from spacy.tokens import Doc
from spacy.vocab import Vocab

from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.text.clitics import split_clitic
from mate_hf.text.decomposition.slips import mended

_MARKS = re.compile(r"[^\w\s]")


@dataclass(frozen=True)
class Token:
    """One word, clitic or mark: caption[start:end] was written, `form` is what it stands for.

    `tag` is spaCy's fine-grained tag ("VBZ" for "walks"), "" before the tagger has read it.
    """

    form: str
    start: int
    end: int
    tag: str = ""


def cut_caption(caption: str) -> list[Token]:
    """Words with their clitics cut off, and marks, in order, as they are meant and without tags."""
    pieces: list[Token] = []
    read = 0
    for text, start, end in find_words(caption):
        pieces += _marks(caption, read, start)
        host, clitic = split_clitic(surface_form(text).replace(" ", ""))
        cut = end - len(clitic)
        pieces.append(Token(host, start, cut))
        if clitic:
            pieces.append(Token(clitic, cut, end))
        read = end
    pieces += _marks(caption, read, len(caption))
    forms = mended([piece.form for piece in pieces])
    return [replace(piece, form=form) for piece, form in zip(pieces, forms, strict=True)]


def as_document(vocabulary: Vocab, tokens: list[Token]) -> Doc:
    """What spaCy's tagger reads: one word a token."""
    spaces = [token.end < following.start for token, following in pairwise(tokens)]
    return Doc(vocabulary, words=[token.form for token in tokens], spaces=[*spaces, False] if tokens else [])


def tagged(tokens: list[Token], document: Doc) -> list[Token]:
    """The same tokens with the tags of their document."""
    return [replace(token, tag=word.tag_) for token, word in zip(tokens, document, strict=True)]


def _marks(caption: str, start: int, end: int) -> list[Token]:
    return [Token(mark.group(), mark.start(), mark.end()) for mark in _MARKS.finditer(caption, start, end)]
