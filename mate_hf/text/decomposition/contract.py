"""What every list of sub-texts must keep, whoever made it: the notes of the paper's prompt (appendix C)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from mate_hf.modeling.word_spans import find_words, surface_form


def breach(caption: str, sub_texts: Sequence[str], holds_verb: Callable[[str], bool]) -> str | None:
    """What these sub-texts break, in one sentence; None where they keep the contract.

    There is at least one sub-text. A single one is the whole sentence. Of several, each holds a verb, no word
    is new, and none is used more often than in the caption. Upper and lower case and punctuation do not count.

    Args:
        caption: the sentence.
        sub_texts: its parts in the order in which they happen.
        holds_verb: whether a text has a verb of its own.
    """
    if isinstance(sub_texts, str) or not all(isinstance(sub_text, str) for sub_text in sub_texts):
        return f"expected a list of sub-texts, found {sub_texts!r}"
    if not sub_texts:
        return "there is no sub-text; a sentence with one action comes back whole"
    words = _words(caption)
    if len(sub_texts) == 1:
        return None if _is_whole(sub_texts[0], caption, words) else _not_whole(sub_texts[0])
    left = Counter(words)
    for sub_text in sub_texts:
        own_words = _words(sub_text)
        if not own_words:
            return f"sub-text {sub_text!r} has no word"
        for word in own_words:
            if word not in left:
                return f"{word!r} in sub-text {sub_text!r} is not a word of the caption"
            left[word] -= 1
            if left[word] < 0:
                return f"{word!r} in sub-text {sub_text!r} is used more often than in the caption"
        if not holds_verb(sub_text):
            return f"sub-text {sub_text!r} holds no verb"
    return None


def _words(text: str) -> list[str]:
    return [surface_form(word) for word, _, _ in find_words(text)]


def _is_whole(sub_text: str, caption: str, words: list[str]) -> bool:
    if not words:
        return sub_text.strip() == caption.strip()
    return _words(sub_text) == words


def _not_whole(sub_text: str) -> str:
    return f"the only sub-text, {sub_text!r}, is not the whole sentence"
