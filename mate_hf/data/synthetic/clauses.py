"""One segment as a clause: subject, tense, and two actions at once joined by while, as or and."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mate_hf.data.synthetic.phrases import POSSESSIVES, SUBJECTS
from mate_hf.data.synthetic.timing import Span
from mate_hf.data.synthetic.wording import VerbPhrase, Word, parsed, worded

TENSE_SHARES = {"present": 0.62, "past": 0.12, "progressive": 0.17, "bare": 0.09}
"""walks; walked; is walking; walking (without a subject, as hurried annotators write)."""

SUBJECT_WEIGHTS = {subject: 4.0 if subject == "a person" else 1.0 for subject in SUBJECTS}


@dataclass(frozen=True)
class Voice:
    """How one caption speaks: tense, subject, the pronoun for the subject; `frames` of the whole motion."""

    tense: str
    subject: str
    pronoun: str
    frames: int

    @property
    def possessive(self) -> str:
        return POSSESSIVES[self.pronoun]


@dataclass(frozen=True)
class Who:
    """The subject of a clause, and whether the clause says it or leaves it to the clause before."""

    name: str
    said: bool = True

    @property
    def plural(self) -> bool:
        return self.name == "they"

    def words(self, frames: int) -> list[Word]:
        """The subject, which holds throughout the motion; none where it is not said."""
        if not self.said:
            return []
        *article, noun = self.name.split()
        tag = "NOUN" if article else "PRON"
        return [Word(text, text, "DET", 0, frames) for text in article] + [Word(noun, noun, tag, 0, frames)]


def draw_voice(frames: int, rng: np.random.Generator) -> Voice:
    """A voice for a caption of a motion of `frames` feature frames."""
    tense = _drawn(TENSE_SHARES, rng)
    subject = _drawn(SUBJECT_WEIGHTS, rng)
    pronouns = SUBJECTS[subject]
    return Voice(tense, subject, pronouns[int(rng.integers(len(pronouns)))], frames)


def _drawn(weights: dict[str, float], rng: np.random.Generator) -> str:
    shares = np.array(list(weights.values()))
    return list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]


def clause(segment: tuple[Span, ...], voice: Voice, who: Who | None, rng: np.random.Generator) -> list[Word]:
    """What happens in a segment, in the tense of the voice; without `who` in -ing, as after "before".

    Words of an action get the frames of its span, words between two actions those of the segment.
    """
    words = [worded(span, voice.possessive, len(segment) == 1, rng) for span in segment]
    if len(segment) == 1:
        return _said(words[0], voice, who)
    first, second = (words[1], words[0]) if rng.random() < 0.3 else words
    start, end = segment[0].start, segment[0].end
    opening, joint = _said(first, voice, who), rng.random()
    if joint < 0.55:
        return [*opening, *parsed("while/SCONJ", start, end, rng), *second.inflected("ing")]
    if joint < 0.85 and who is not None:
        repeated = _said(second, voice, Who(voice.pronoun))
        return [*opening, *parsed("while,as/SCONJ", start, end, rng), *repeated]
    elided = None if who is None else Who(who.name, said=False)
    closing = parsed("at/ADP the/DET same/ADJ time/NOUN", start, end, rng)
    return [*opening, *parsed("and/CCONJ", start, end, rng), *_said(second, voice, elided), *closing]


def _said(phrase: VerbPhrase, voice: Voice, who: Who | None) -> list[Word]:
    """The phrase inflected for its subject, behind it."""
    if who is None:
        return phrase.inflected("ing")
    subject = who.words(voice.frames)
    if voice.tense == "past":
        return [*subject, *phrase.inflected("past")]
    if voice.tense == "present":
        return [*subject, *phrase.inflected("base" if who.plural else "s")]
    if not who.said:
        return phrase.inflected("ing")
    verb = phrase.words[phrase.verb]
    being = Word("are" if who.plural else "is", "be", "AUX", verb.start, verb.end)
    return [*subject, being, *phrase.inflected("ing")]
