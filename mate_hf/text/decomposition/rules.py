"""Captions to ordered sub-texts by rules over spaCy's tags: no model to ask, the same answer every time.

The rules go by the forms of verbs ("walks" goes on with "turns", "swinging" only describes) and by a lexicon,
not by the dependency tree: captions are clipped ("walks forward turns around") and parsers fail on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, cached_property

from spacy.language import Language

from mate_hf.text.decomposition import contract
from mate_hf.text.decomposition.actions import find_segments
from mate_hf.text.decomposition.reading import Reading
from mate_hf.text.decomposition.tokens import Token, as_document, cut_caption, tagged
from mate_hf.text.english import open_spacy
from mate_hf.utils.workers import ordered_map, shares

_UNUSED = ("parser", "ner", "lemmatizer", "attribute_ruler")
_BATCH = 256
_SHARE = 2048
"""Captions that a worker takes at a time."""


class RuleDecomposer:
    """Splits a caption into the actions that follow one another (paper, section 3.2 and appendix C).

    Args:
        workers: processes to share the captions among; one reads about 800 captions a second.

    Raises:
        MateError: on first use, where no English spaCy model is installed.
    """

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers

    def decompose(self, captions: Sequence[str]) -> Iterator[list[str]]:
        """The sub-texts of each caption in the order in which they happen, the text of each as it was written.

        Connectives and marks between two sub-texts belong to neither. A caption with one action, with several
        at the same time, or without a verb comes back whole: [caption.strip()].
        """
        if self.workers == 1:
            yield from self._decompose(captions)
            return
        with ordered_map(self.workers, share=1) as mapped:
            for share in mapped(_decompose_share, shares(captions, _SHARE)):
                yield from share

    def _decompose(self, captions: Sequence[str]) -> Iterator[list[str]]:
        cut = ((caption, cut_caption(caption)) for caption in captions)
        documents = ((as_document(self._nlp.vocab, tokens), (caption, tokens)) for caption, tokens in cut)
        read = self._nlp.pipe(documents, as_tuples=True, batch_size=_BATCH)
        for document, (caption, tokens) in read:
            yield self._sub_texts(caption, tagged(tokens, document))

    def breach(self, caption: str, sub_texts: Sequence[str]) -> str | None:
        """What anyone's sub-texts of a caption break of the contract, in one sentence; None where they keep it."""
        return contract.breach(caption, sub_texts, self._holds_verb)

    def _sub_texts(self, caption: str, tokens: list[Token]) -> list[str]:
        segments = find_segments(Reading.of(tokens))
        sub_texts = [_text(caption, tokens[start:end]) for start, end in segments]
        if len(sub_texts) < 2 or self.breach(caption, sub_texts) is not None:
            return [caption.strip()]
        return sub_texts

    def _holds_verb(self, text: str) -> bool:
        tokens = cut_caption(text)
        if any(Reading.of(tokens).verbs):
            return True
        document = self._nlp(as_document(self._nlp.vocab, tokens))
        return any(Reading.of(tagged(tokens, document)).verbs)

    @cached_property
    def _nlp(self) -> Language:
        return open_spacy(_UNUSED)


@cache
def _worker() -> RuleDecomposer:
    return RuleDecomposer()


def _decompose_share(captions: Sequence[str]) -> list[list[str]]:
    return list(_worker().decompose(captions))


def _text(caption: str, tokens: Sequence[Token]) -> str:
    """The caption's own text over these tokens, without the marks at its ends."""
    words = [token for token in tokens if any(map(str.isalnum, token.form))]
    return caption[words[0].start : words[-1].end] if words else ""
