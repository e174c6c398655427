"""What every list of sub-texts must keep, whoever made it: the notes of the paper's prompt (appendix C)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from mate_hf.modeling.word_spans import find_words, surface_form


def breach(caption: str, sub_texts: Sequence[str], holds_verb: Callable[[str], bool]) -> str | None:
    """What these sub-texts break, in one sentence; None where they keep the contract.

    There is at least one sub-text and none is empty; no word is new and none is used more often than in the
    caption (upper and lower case and punctuation do not count); a single sub-text is the whole sentence; of
    several, each holds a verb.

    Args:
        caption: the sentence.
        sub_texts: its parts in the order in which they happen.
        holds_verb: whether a text has a verb of its own.
    """
    if isinstance(sub_texts, str) or not all(isinstance(sub_text, str) for sub_text in sub_texts):
        return f"expected a list of sub-texts, found {sub_texts!r}"
    if not sub_texts:
        return "there is no sub-text; a sentence with one action comes back whole"
    left = Counter(_words(caption))
    if len(sub_texts) == 1:
        whole = Counter(_words(sub_texts[0])) == left and (left or not caption.strip())
        return None if whole or sub_texts[0] == caption else _not_whole(sub_texts[0])
    for sub_text in sub_texts:
        words = _words(sub_text)
        if not words:
            return f"sub-text {sub_text!r} has no word"
        for word in words:
            if not left[word]:
                return _too_often(word, caption, sub_text)
            left[word] -= 1
        if not holds_verb(sub_text):
            return f"sub-text {sub_text!r} holds no verb"
    return None


def _words(text: str) -> list[str]:
    return [surface_form(word) for word, _, _ in find_words(text)]


def _not_whole(sub_text: str) -> str:
    return f"the only sub-text, {sub_text!r}, is not the whole sentence"


def _too_often(word: str, caption: str, sub_text: str) -> str:
    if word in _words(caption):
        return f"{word!r} in sub-text {sub_text!r} is used more often than in the caption"
    return f"{word!r} in sub-text {sub_text!r} is not a word of the caption"
