"""Captions as the field's evaluator reads them: lemmas with parts of speech, cut from the whole vocabulary of English."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from spacy.tokens import Token as SpacyToken

from mate_hf.errors import MateError
from mate_hf.text.english import open_spacy
from mate_hf.utils.json_files import brief

START, END, UNKNOWN = "sos", "eos", "unk"
"""Words that stand for the caption's ends and for whatever has no vector."""

OTHER = "OTHER"


class Token(NamedTuple):
    """One word: its lemma where it is a noun or a verb, and spaCy's universal part of speech."""

    word: str
    tag: str


def field_tokens(captions: Iterable[str]) -> list[list[Token]]:
    """What HumanML3D's preparation writes after the caption in `texts/<id>.txt`, for captions that lack it.

    Hyphens go, words with anything but letters are left out, nouns and verbs become lemmas, "left" never does.

    Raises:
        MateError: no English spaCy model is installed.
    """
    documents = open_spacy(("parser", "ner")).pipe(caption.replace("-", "") for caption in captions)
    return [[_token(token) for token in document if token.text.isalpha()] for document in documents]


def _token(token: SpacyToken) -> Token:
    changes = token.pos_ in ("NOUN", "VERB") and token.text != "left"
    # The spaCy that the field used called "his" a determiner.
    return Token(token.lemma_ if changes else token.text, "DET" if token.tag_ == "PRP$" else token.pos_)


def read_tokens(written: str) -> list[Token]:
    """`a/DET man/NOUN walk/VERB` -> tokens.

    Raises:
        MateError: a word without a tag.
    """
    tokens = []
    for entry in written.split():
        word, slash, tag = entry.rpartition("/")
        if not slash or not word:
            raise MateError(f"{brief(entry)}; expected word/TAG, separated by spaces.")
        tokens.append(Token(word, tag))
    return tokens
