"""Captions with their truth: what happens, told in one of the orders in which people tell it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mate_hf.data.synthetic.clauses import Voice, Who, clause, draw_voice
from mate_hf.data.synthetic.scenario import Timeline
from mate_hf.data.synthetic.wording import Word

LINKS = ("then", "and", "and then", "and then", ", then", ", and then")
"""What joins a clause to the one before it where the text follows the motion."""

LINK_TAGS = {"then": "ADV", "and": "CCONJ", "before": "ADP", "after": "ADP", "finally": "ADV"}


@dataclass(frozen=True)
class Part:
    """A stretch of a caption: the clause of segment `segment`, or joining words, or a punctuation mark."""

    words: tuple[Word, ...] = ()
    segment: int | None = None
    mark: str = ""


@dataclass(frozen=True)
class Caption:
    """A caption and its truth.

    Attributes:
        text: the sentence.
        words: its words in order, each with the feature frames in which it holds.
        sub_texts: one for each segment of the motion, in the order in which they happen: its words,
            without the words and marks that join them.
        segments: the feature frames [start, end) of each sub-text; they partition the motion.
    """

    text: str
    words: tuple[Word, ...]
    sub_texts: tuple[str, ...]
    segments: tuple[tuple[int, int], ...]


class Teller:
    """Tells the segments of one motion in one voice."""

    def __init__(self, timeline: Timeline, voice: Voice, rng: np.random.Generator) -> None:
        self.timeline, self.voice, self.rng = timeline, voice, rng

    def first(self, number: int) -> list[Part]:
        """A clause with the subject of the caption."""
        return self._clause(number, Who(self.voice.subject))

    def next(self, number: int) -> list[Part]:
        """A clause that leaves the subject of the caption unsaid."""
        return self._clause(number, Who(self.voice.subject, said=False))

    def again(self, number: int, said: bool = True) -> list[Part]:
        """A clause of a later sentence, with a pronoun for its subject."""
        return self._clause(number, Who(self.voice.pronoun, said))

    def doing(self, number: int) -> list[Part]:
        """A clause in -ing."""
        return self._clause(number, None)

    def _clause(self, number: int, who: Who | None) -> list[Part]:
        subject = None if self.voice.tense == "bare" else who
        return [Part(tuple(clause(self.timeline[number], self.voice, subject, self.rng)), number)]

    def say(self, text: str) -> list[Part]:
        """Joining words and marks, separated by blanks."""
        return [
            Part(mark=item)
            if item in ",."
            else Part((Word(item, item, LINK_TAGS[item], 0, self.voice.frames),))
            for item in text.split()
        ]

    def link(self) -> list[Part]:
        """Any of `LINKS`."""
        return self.say(LINKS[int(self.rng.integers(len(LINKS)))].replace(",", ", "))

    def pause(self) -> list[Part]:
        """The end of a sentence, with or without a "then" that opens the next."""
        return self.say(". then" if self.rng.random() < 0.5 else ".")


Pattern = Callable[[Teller], list[Part]]

ONE: tuple[Pattern, ...] = (lambda t: t.first(0),)

TWO: tuple[Pattern, ...] = (
    lambda t: t.first(0) + t.link() + t.next(1),
    lambda t: t.first(0) + t.link() + t.next(1),
    lambda t: t.first(0) + t.say("before") + t.doing(1),
    lambda t: t.first(1) + t.say("after") + t.doing(0),
    lambda t: t.say("after") + t.doing(0) + t.say(",") + t.first(1),
    lambda t: t.say("before") + t.doing(1) + t.say(",") + t.first(0),
    lambda t: t.first(0) + t.pause() + t.again(1),
)

THREE: tuple[Pattern, ...] = (
    lambda t: t.first(0) + t.link() + t.next(1) + t.link() + t.next(2),
    lambda t: t.first(0) + t.say(",") + t.next(1) + t.say(", and then") + t.next(2),
    lambda t: t.first(0) + t.say(", then") + t.next(1) + t.say(", and finally") + t.next(2),
    lambda t: t.first(0) + t.link() + t.next(1) + t.say("before") + t.doing(2),
    lambda t: t.first(1) + t.say("after") + t.doing(0) + t.say(", and then") + t.next(2),
    lambda t: t.say("after") + t.doing(0) + t.say(",") + t.first(1) + t.link() + t.next(2),
    lambda t: t.first(0) + t.link() + t.next(1) + t.pause() + t.again(2),
    lambda t: t.first(0) + t.pause() + t.again(1) + t.link() + t.again(2, said=False),
)

PATTERNS = {1: ONE, 2: TWO, 3: THREE}

SUBJECTLESS = {1: ONE, 2: TWO[:3], 3: THREE[:4]}
"""Patterns that read well where no clause has a subject."""


def tell(timeline: Timeline, rng: np.random.Generator) -> Caption:
    """Write one caption of a motion."""
    voice = draw_voice(timeline[-1][0].end, rng)
    patterns = (SUBJECTLESS if voice.tense == "bare" else PATTERNS)[len(timeline)]
    parts = patterns[int(rng.integers(len(patterns)))](Teller(timeline, voice, rng))
    if rng.random() < 0.5:
        parts.append(Part(mark="."))
    said = {
        part.segment: " ".join(word.text for word in part.words) for part in parts if part.segment is not None
    }
    text = ""
    for part in parts:
        text += part.mark or " " + " ".join(word.text for word in part.words)
    return Caption(
        text=text.strip(),
        words=tuple(word for part in parts for word in part.words),
        sub_texts=tuple(said[number] for number in range(len(timeline))),
        segments=tuple((segment[0].start, segment[0].end) for segment in timeline),
    )


def tell_differently(timeline: Timeline, number: int, rng: np.random.Generator) -> list[Caption]:
    """Write `number` captions of a motion, no two alike."""
    captions: dict[str, Caption] = {}
    while len(captions) < number:
        caption = tell(timeline, rng)
        captions.setdefault(caption.text.rstrip("."), caption)
    return list(captions.values())
