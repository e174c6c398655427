"""Prompts that ask for obedience on `bandai_sequences`: what one of two actions has to show.

    python -m benchmarks.bandai_prompts ../shared/data/bandai OUT.jsonl

A prompt is an action and another one that says nothing of what is asked, joined by "then" as in the sequences' captions. Classes
are read off the corpus: "new combination" if the action's pair of content and style is held out of training, "seen" if it is
not; "unseen word" if no caption has some word of it.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bandai_sequences import SUBJECTS, read_clips, read_labels
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.prompts import NEW_COMBINATION, SEEN, UNSEEN_WORD
from mate_hf.modeling.word_spans import find_words
from mate_hf.utils.files import written_whole

SECONDS = 5.0

STYLES = {
    "active": "energetically",
    "chimpira": "with a swagger",
    "elderly": "like an old person",
    "exhausted": "in an exhausted way",
    "feminine": "in a feminine way",
    "giant": "like a giant",
    "masculine": "in a manly manner",
    "musical": "rhythmically",
    "normal": "in a normal way",
    "tired": "in a tired way",
    "youthful": "with youthful energy",
}
"""Style of the corpus -> how its captions say it."""

IN_PLACE = (
    "raises both arms with youthful energy",
    "waves both hands in a manly manner",
    "bows in a feminine way",
)
"""Beside steps and turns: what goes nowhere."""

ON_FOOT = ("walks straight ahead in a feminine way", "runs forward in a manly manner")
"""Beside arms and hands: what both arms do alike."""

BESIDE = {"turn": IN_PLACE, "sideways": IN_PLACE, "forward": IN_PLACE, "speed": IN_PLACE, "arm": ON_FOOT}


@dataclass(frozen=True)
class Opposites:
    """Contents of the corpus that a probe tells apart, the one that expects 1 first, and phrases that captions have for them."""

    probe: str
    contents: tuple[str, str]
    phrases: tuple[tuple[str, str], ...]
    styles: tuple[str, ...]


def _sides(probe: str, content: str, phrases: tuple[str, ...], styles: tuple[str, ...]) -> Opposites:
    left, right = ([text.format(side) for text in (content, *phrases)] for side in ("left", "right"))
    return Opposites(probe, (left[0], right[0]), tuple(zip(left[1:], right[1:], strict=True)), styles)


KNOWN = (
    _sides(
        "turn",
        "walk-turn-{}",
        ("walks forward and turns {}", "makes a {} turn while walking", "walks around a corner to the {}"),
        ("normal", "masculine", "youthful", "exhausted"),
    ),
    _sides(
        "sideways",
        "walk-{}",
        ("walks diagonally forward to the {}", "steps forward and to the {}"),
        ("normal", "active", "musical", "tired", "giant"),
    ),
    _sides(
        "arm",
        "raise-up-{}-hand",
        ("raises the {} arm", "lifts the {} arm up", "puts the {} hand up"),
        ("normal", "masculine", "feminine"),
    ),
    _sides(
        "arm",
        "wave-{}-hand",
        ("waves the {} hand", "waves the {} arm from side to side", "lifts the {} hand and waves it"),
        ("masculine", "feminine", "elderly"),
    ),
    Opposites(
        "forward",
        ("walk", "walk-back"),
        (
            ("walks forward", "walks backwards"),
            ("takes several steps forward", "takes several steps backwards"),
        ),
        ("active", "feminine", "musical", "chimpira", "tired", "giant"),
    ),
)

UNSEEN = {
    "turn": (
        ("rotates anticlockwise while walking", "rotates clockwise while walking"),
        ("veers leftward while walking", "veers rightward while walking"),
        ("strolls around a bend to the left", "strolls around a bend to the right"),
        ("swerves to the left while walking", "swerves to the right while walking"),
        ("pivots left", "pivots right"),
    ),
    "sideways": (
        ("strolls obliquely to the left", "strolls obliquely to the right"),
        ("slants to the left while walking", "slants to the right while walking"),
        ("strays leftwards while walking", "strays rightwards while walking"),
    ),
    "forward": (
        ("advances", "retreats"),
        ("strolls onward", "withdraws"),
        ("marches frontward", "marches rearward"),
        ("moves onward", "moves in reverse"),
    ),
    "arm": (
        ("hoists the left arm", "hoists the right arm"),
        ("elevates the left hand", "elevates the right hand"),
        ("flaps the left hand", "flaps the right hand"),
        ("wags the left arm", "wags the right arm"),
        ("shakes the left hand overhead", "shakes the right hand overhead"),
    ),
    "speed": (("gallops", "strolls"), ("races", "plods"), ("hurtles", "ambles"), ("jogs", "trudges")),
}
"""Probe -> phrases that expect 1 and -1, each with a word that no caption has."""

SPEEDS = (
    ("runs forward", "walks forward"),
    ("sprints straight ahead", "walks straight ahead"),
    ("walks forward energetically", "walks forward wearily"),
    ("runs straight ahead in a manly manner", "takes several steps forward in a manly manner"),
)

RAISED = (("raises both arms", "raising both arms"), ("waves both hands", "waving both hands"))
STEPPED = (("walks forward", "walking forward"), ("runs straight ahead", "running straight ahead"))
"""Finite and as a gerund: in "before" and "after", which no caption has."""


def prompts(source: Path) -> list[dict[str, Any]]:
    """All prompts, with fields as `mate_hf.evaluation.obedience.read_prompts` has them.

    Raises:
        MateError: a prompt of unseen words whose every word is in captions.
    """
    held_out = {(row["content"], row["style"]): held for row, held in read_labels(source)}
    found = [*_styled(held_out), *_fast(), *_unseen(), *_ordered()]
    phrases = (phrase for clip in read_clips(source) for phrase in clip.phrases)
    captions = set().union(*map(_words, (*SUBJECTS, "then", *phrases)))
    for prompt in found:
        if prompt["class"] == UNSEEN_WORD and _words(prompt["prompt"]) <= captions:
            raise MateError(
                f"{prompt['prompt']!r}: captions have every word; expected one that they have not."
            )
    return found


def _words(text: str) -> set[str]:
    return {word for word, _, _ in find_words(text)}


def _styled(held_out: dict[tuple[str, str], bool]) -> Iterator[dict[str, Any]]:
    """Actions that the corpus has in the style, whether or not training shows them in it."""
    for known in KNOWN:
        told = _Told(known.probe)
        for phrases, style in itertools.product(known.phrases, known.styles):
            styled = (f"{phrases[0]} {STYLES[style]}", f"{phrases[1]} {STYLES[style]}")
            for content, prompt in zip(known.contents, told.both(styled), strict=True):
                if (content, style) in held_out:
                    yield {**prompt, "class": NEW_COMBINATION if held_out[content, style] else SEEN}


def _fast() -> Iterator[dict[str, Any]]:
    told = _Told("speed")
    for phrases, _ in itertools.product(SPEEDS, range(2)):
        yield {**told.both(phrases)[0], "class": SEEN}


def _unseen() -> Iterator[dict[str, Any]]:
    for probe, pairs in UNSEEN.items():
        told = _Told(probe)
        for phrases, _ in itertools.product(pairs, range(2)):
            prompts = told.both(phrases)
            # A pair of speeds is one question.
            yield from (
                {**prompt, "class": UNSEEN_WORD} for prompt in (prompts[:1] if probe == "speed" else prompts)
            )


def _ordered() -> Iterator[dict[str, Any]]:
    """What comes first, in the order of the words, and the other way round where "after" says so."""
    told = _Told("order")
    for (raises, raising), (steps, stepping) in itertools.product(RAISED, STEPPED):
        for of_class, arm_first, arm_last in (
            (SEEN, f"{raises} then {steps}", f"{steps} then {raises}"),
            (UNSEEN_WORD, f"{raises} before {stepping}", f"{steps} before {raising}"),
            (UNSEEN_WORD, f"{steps} after {raising}", f"{raises} after {stepping}"),
        ):
            for prompt in told.both((arm_first, arm_last)):
                yield {**prompt, "class": of_class, "of": ["raised arm", "travel"]}


class _Told:
    """Pairs of opposite prompts of one probe: subjects, what stands beside and on which side of it take turns."""

    def __init__(self, probe: str) -> None:
        self.probe = probe
        self.turns = itertools.cycle(itertools.product((True, False), BESIDE.get(probe, ("",))))
        self.subjects = itertools.cycle(SUBJECTS)

    def both(self, phrases: tuple[str, str]) -> list[dict[str, Any]]:
        first, beside = next(self.turns)
        subject = next(self.subjects)
        told = []
        for phrase in phrases:
            actions = [phrase, beside] if first else [beside, phrase]
            told.append(f"{subject} {' then '.join(action for action in actions if action)}")
        return [
            {"prompt": own, "probe": self.probe, "expected": sign, "seconds": SECONDS, "counterpart": other}
            for own, other, sign in ((*told, 1), (*told[::-1], -1))
        ]


def main() -> None:
    """Parse, write, say how many."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    try:
        found = prompts(given.source)
        with written_whole(given.out) as fresh:
            fresh.write_text("".join(json.dumps(prompt) + "\n" for prompt in found), encoding="utf-8")
    except MateError as error:
        parser.exit(1, f"error: {error}\n")
    print(f"{given.out}: {len(found)} prompts")


if __name__ == "__main__":
    main()
