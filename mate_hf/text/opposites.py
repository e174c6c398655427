"""Words of contrary motion, and a caption with one word turned into its contrary."""

from __future__ import annotations

from dataclasses import dataclass

from mate_hf.modeling.word_spans import find_words, surface_form

ANTONYMS = (
    ("left", "right"),
    ("clockwise", "counterclockwise"),
    ("forward", "backward"),
    ("forwards", "backwards"),
    ("slowly", "quickly"),
    ("upstairs", "downstairs"),
    ("up", "down"),
    ("raise", "lower"),
    ("raises", "lowers"),
    ("raising", "lowering"),
)
"""What evaluation swaps, both ways."""

FURTHER = (
    ("slow", "fast"),
    ("slow", "quick"),
    ("slowly", "rapidly"),
    ("slowly", "fast"),
    ("before", "after"),
    ("above", "below"),
    ("high", "low"),
    ("once", "twice"),
    ("twice", "thrice"),
    ("one", "two"),
    ("two", "three"),
    ("three", "four"),
)
"""What training may swap as well: less common contraries, order and counts."""

SPELLINGS = {
    "counter-clockwise": "counterclockwise",
    "counter clockwise": "counterclockwise",
    "anticlockwise": "counterclockwise",
    "anti-clockwise": "counterclockwise",
    "clock-wise": "clockwise",
}

_OPPOSITES = {word: other for pair in ANTONYMS for word, other in (pair, pair[::-1])}
_NAMES = {word: "/".join(pair) for pair in ANTONYMS for word in pair}

_CONTRARIES: dict[str, tuple[str, ...]] = {}
for _pair in (*ANTONYMS, *FURTHER):
    for _word, _other in (_pair, _pair[::-1]):
        _CONTRARIES[_word] = (*_CONTRARIES.get(_word, ()), _other)


def contraries(word: str) -> tuple[str, ...]:
    """What a word must not be taken for; empty where it has no contrary."""
    form = surface_form(word)
    return _CONTRARIES.get(SPELLINGS.get(form, form), ())


@dataclass(frozen=True)
class AntonymNegative:
    """A caption with one word turned into its antonym.

    Attributes:
        pair: "left/right".
        word, opposite: what stood there, and what stands there now.
        text: the changed caption.
    """

    pair: str
    word: str
    opposite: str
    text: str


def antonym_negatives(caption: str) -> list[AntonymNegative]:
    """One negative for each word of the caption that has an antonym, in order."""
    found = []
    for text, start, end in find_words(caption):
        word = SPELLINGS.get(surface_form(text), surface_form(text))
        if word in _OPPOSITES:
            opposite = _OPPOSITES[word]
            changed = caption[:start] + cased_like(text, opposite) + caption[end:]
            found.append(AntonymNegative(_NAMES[word], word, opposite, changed))
    return found


def cased_like(text: str, other: str) -> str:
    """Another word to stand where `text` stood: with a capital where that had one."""
    return other.capitalize() if text[0].isupper() else other
