"""Words of opposite and of like motion, and sentences that differ in one of them."""

from __future__ import annotations

from dataclasses import dataclass

from mate_hf.evaluation.words.neighbours import MINIMAL_PAIRS
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

SYNONYMS = (
    ("quickly", "rapidly"),
    ("slowly", "gradually"),
    ("jogs", "runs"),
    ("jumps", "leaps"),
    ("squats", "crouches"),
    ("begins", "starts"),
    ("forward", "ahead"),
    ("raises", "lifts"),
    ("spins", "twirls"),
    ("picks", "grabs"),
)

_SPELLINGS = {
    "counter-clockwise": "counterclockwise",
    "counter clockwise": "counterclockwise",
    "anticlockwise": "counterclockwise",
    "anti-clockwise": "counterclockwise",
    "clock-wise": "clockwise",
}

ANTONYM_SENTENCES = (
    *MINIMAL_PAIRS,
    ("a person walks to the left", "a person walks to the right"),
    ("a person steps forward then raises the left arm", "a person steps backward then raises the left arm"),
    ("a person raises both arms", "a person lowers both arms"),
)

SYNONYM_SENTENCES = (
    ("a person jogs forward", "a person runs forward"),
    ("a person walks quickly", "a person walks rapidly"),
    ("a person jumps over something", "a person leaps over something"),
    ("a person squats down", "a person crouches down"),
    ("a person raises the left hand", "a person lifts the left hand"),
    ("someone starts walking", "someone begins walking"),
    ("a person turns left", "someone turns to the left"),
)

_OPPOSITES = {word: other for pair in ANTONYMS for word, other in (pair, pair[::-1])}
_NAMES = {word: "/".join(pair) for pair in ANTONYMS for word in pair}


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
        word = _SPELLINGS.get(surface_form(text), surface_form(text))
        if word in _OPPOSITES:
            opposite = _OPPOSITES[word]
            changed = caption[:start] + cased_like(text, opposite) + caption[end:]
            found.append(AntonymNegative(_NAMES[word], word, opposite, changed))
    return found


def cased_like(text: str, other: str) -> str:
    """Another word to stand where `text` stood: with a capital where that had one."""
    return other.capitalize() if text[0].isupper() else other
