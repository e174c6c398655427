"""Where words lie in a caption, and which tokens of a text encoder cover each of them.

The one place that decides what a word is: the vocabulary lemmatises exactly these words and the model reads
its word embeddings at exactly these words, so both agree without spaCy at inference.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

# The directions of rotation are written in one, two or three pieces ("counter clock-wise"). Cut apart,
# "clockwise" would also be taught by every motion that turns the other way. The first star takes
# in "counter counterclockwise" of HumanML3D's mirrored captions, where only "clockwise" was replaced: these
# motions turn clockwise.
_ROTATION = r"\b(?:(?:counter|anti)[\s-]*)*clock[\s-]*wise\b"
_DECIMAL = r"\d+\.\d+"
# ⁰ and º are letters or digits to Unicode; in captions they are degree signs ("180º").
_CHARACTER = r"[^\W_⁰º]"
_RUN = rf"{_CHARACTER}(?:{_CHARACTER}|[\u0300-\u036f])*"

WORD = re.compile(rf"{_ROTATION}|{_DECIMAL}|{_RUN}(?:['’-]{_RUN})*", re.IGNORECASE)
"""Letters and digits with inner hyphens and apostrophes: "counter-clockwise", "person's", "180-degree"."""


def find_words(caption: str) -> list[tuple[str, int, int]]:
    """The words of `caption` in order, no punctuation: (text, start, end) with text == caption[start:end]."""
    return [(match.group(), match.start(), match.end()) for match in WORD.finditer(caption)]


def surface_form(text: str) -> str:
    """The spelling under which a word is looked up: lower case, plain apostrophes, single spaces."""
    return " ".join(text.lower().replace("’", "'").split())


def token_spans(offsets: Sequence[tuple[int, int]], words: Sequence[tuple[str, int, int]]) -> list[list[int]]:
    """The positions of the tokens that overlap each word.

    Args:
        offsets: one (start, end) in characters per token, as a fast tokenizer's `offset_mapping` of the same
            caption. Empty ones (special and padding tokens) belong to no word; a leading space inside a
            token's offsets does no harm.
        words: what `find_words` returned for the caption.

    Returns:
        One ascending list of token positions per word; empty for a word lost to truncation.
    """
    spans: list[list[int]] = [[] for _ in words]
    word_ends = [end for _, _, end in words]
    for position, (start, end) in enumerate(offsets):
        if start == end:
            continue
        index = bisect_left(word_ends, start + 1)
        while index < len(words) and words[index][1] < end:
            spans[index].append(position)
            index += 1
    return spans
