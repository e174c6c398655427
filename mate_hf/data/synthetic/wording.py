"""One action in words: phrase, speed, count and limb, true of what is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mate_hf.data.synthetic import phrases
from mate_hf.data.synthetic.actions import GAITS, Action
from mate_hf.data.synthetic.inflection import inflected
from mate_hf.data.synthetic.timing import Span


@dataclass(frozen=True)
class Word:
    """A word of a caption and the feature frames [start, end) in which it holds."""

    text: str
    lemma: str
    tag: str
    start: int
    end: int


@dataclass(frozen=True)
class VerbPhrase:
    """A verb phrase in base form; `verb` is the place of its verb."""

    words: tuple[Word, ...]
    verb: int

    def inflected(self, form: str) -> list[Word]:
        """The words with the verb in `form`."""
        verb = self.words[self.verb]
        changed = Word(inflected(verb.lemma, form), verb.lemma, verb.tag, verb.start, verb.end)
        return [*self.words[: self.verb], changed, *self.words[self.verb + 1 :]]


def parsed(phrase: str, start: int, end: int, rng: np.random.Generator) -> list[Word]:
    """The words of a phrase in the notation of `phrases`, alternatives drawn."""
    words = []
    for item in phrase.split():
        choices, tag = item.rsplit("/", 1)
        text, _, lemma = _any_of(choices.split(","), rng).partition(">")
        words.append(Word(text, lemma or text, tag, start, end))
    return words


def worded(span: Span, possessive: str, alone: bool, rng: np.random.Generator) -> VerbPhrase:
    """Put an action into words.

    Args:
        span: the action and its feature frames.
        possessive: "his", "her", "their" or "its".
        alone: no other action goes on meanwhile, so that the arms may be said to hang.
    """
    action = span.action
    slots = {
        "poss": "the/DET" if rng.random() < 0.35 else f"{possessive}/PRON",
        "side": f"{action.side}/ADJ",
        "direction": action.direction,
        "count": _any_of(phrases.COUNTS[action.count], rng),
        "punches": _counted("punch", "punches", action.count, rng),
        "squats": _counted("squat", "squats", action.count, rng),
        "verb": _any_of(phrases.GAIT_VERBS.get((action.kind, action.speed), ("",)), rng),
    }
    text = _any_of(_phrases_of(action), rng).format(**slots)
    before, after = _speed(action, rng)
    hanging = alone and action.kind in ("walk", "turn", "bow") and rng.random() < 0.05
    if hanging:
        after += " " + _any_of(phrases.HANGING_ARMS, rng).format(**slots)
    words = [parsed(part, span.start, span.end, rng) for part in (before, text, after)]
    return VerbPhrase(tuple(word for part in words for word in part), verb=len(words[0]))


def _phrases_of(action: Action) -> Sequence[str]:
    if action.kind in GAITS:
        way = "sideways" if action.direction in ("left", "right") else action.direction
        way = "circle" if action.circles else way
        walking = phrases.WALK_ONLY.get(way, ()) if action.kind == "walk" else ()
        return phrases.GAIT_PHRASES[way] + walking
    if action.kind in phrases.ONE_ARM:
        return (phrases.BOTH_ARMS if action.side == "both" else phrases.ONE_ARM)[action.kind]
    if action.kind == "turn":
        return phrases.PHRASES[f"turn {action.degrees}"]
    if action.kind == "climb":
        return phrases.PHRASES[f"climb {action.direction}"]
    if action.kind == "stand":
        return phrases.PHRASES["stand"] + phrases.PHRASES[f"stand {action.posture}"]
    return phrases.PHRASES["hop both" if (action.kind, action.side) == ("hop", "both") else action.kind]


def _speed(action: Action, rng: np.random.Generator) -> tuple[str, str]:
    """What is said about the speed before and after the phrase; sometimes nothing."""
    paces = phrases.PACE_AFTER[action.speed] if action.kind in (*GAITS, "climb") else ()
    chance = rng.random()
    if chance < (0.9 if action.speed == "normally" else 0.12):
        return "", ""
    if action.speed == "normally":
        return "", _any_of(paces, rng) if paces else ""
    if chance < 0.5:
        return _any_of(phrases.SPEED_BEFORE[action.speed], rng), ""
    return "", _any_of(phrases.SPEED_AFTER[action.speed] + paces, rng)


def _counted(noun: str, plural: str, count: int, rng: np.random.Generator) -> str:
    number = _any_of(phrases.NUMBERS[count], rng)
    return f"{number} {noun}/NOUN" if count == 1 else f"{number} {plural}>{noun}/NOUN"


def _any_of(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
