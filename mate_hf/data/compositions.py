"""New captioned motions out of localized ones: what one motion shows, and then what another one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.batching import EVALUATION, Draw, draw_generator
from mate_hf.data.columns import Columns
from mate_hf.data.kinds import LONGEST_MOTION, MotionKind
from mate_hf.data.motion_features import steps_of_joints
from mate_hf.data.split import SEGMENT_COLUMNS, Split
from mate_hf.text.gerunds import gerunds

FADE = 8
"""Frames over which one motion becomes the next."""

SHORTEST = 2 * FADE

IN_TURN = ("{0}, then {1}", "{0} and then {1}", "{0}. then {1}", "{0}, and then {1}")
SECOND_BY_GERUND = ("{0} before {1}", "before {1}, {0}")
FIRST_BY_GERUND = ("{1} after {0}", "after {0}, {1}")
"""How captions say that one thing follows another, where neither or both, the second or the first is a gerund ("kicking twice")."""

TRIES = 20
"""At a second part that leaves room for both."""

STREAM = 7061
"""Keeps the numbers drawn here apart from all others of a seed."""


@dataclass(frozen=True)
class Part:
    """Frames [start, end) of the motion of caption `row`, of which `text` speaks."""

    row: int
    text: str
    start: int
    end: int

    @property
    def frames(self) -> int:
        """At least 0."""
        return self.end - self.start


@dataclass(frozen=True)
class Composition:
    """Two parts, one after the other, told in one caption."""

    first: Part
    second: Part
    caption: str

    @property
    def frames(self) -> int:
        """Of the motion out of both."""
        return self.first.frames + self.second.frames - FADE


class Compositions:
    """Of each caption: its first sub-text, and then a later one of another caption, or none where nothing fits in 196 frames.

    Later sub-texts go on as sentences do ("kicks twice"); captions of one sub-text lend theirs where none has several.

    Args:
        split: localized. kind: of its motions. seed: fixes all of them, and what is drawn.
        share: how often one is learned in place of its caption.
    """

    def __init__(self, split: Split, kind: MotionKind, seed: int, share: float) -> None:
        self.motions, self.kind, self.seed, self.share = split.motions, kind, seed, share
        self._of: list[Composition | None] = []
        parts = list(_parts(split))
        later = [part for several in parts for part in several[1:]] or [several[0] for several in parts]
        later = [part for part in later if part.frames >= SHORTEST]
        random = np.random.default_rng([seed, STREAM])
        ing = gerunds(part.text for several in parts for part in several)
        for several in parts:
            self._of.append(_composed(several[0], later, ing, random))

    def __len__(self) -> int:
        """Captions of the split, those without a composition too."""
        return len(self._of)

    def __getitem__(self, row: int) -> Composition | None:
        return self._of[row]

    def drawn(self, draw: Draw) -> Composition | None:
        """What this draw learns in place of its caption; None for the caption itself."""
        if draw.epoch == EVALUATION:
            return None
        learned = draw_generator(self.seed, draw, "composition").random() < self.share
        return self[draw.row] if learned else None

    def motion(self, composition: Composition) -> NDArray[np.float32]:
        """Features (T,F), at most 196 frames."""
        first, second = (
            self.motions[part.row][part.start : part.end] for part in (composition.first, composition.second)
        )
        return joined(first, second, self.kind)

    @property
    def texts(self) -> list[str]:
        """Captions of all."""
        return [composition.caption for composition in self._of if composition is not None]


def _parts(split: Split) -> Iterator[list[Part]]:
    columns = Columns(split.captions, SEGMENT_COLUMNS)
    for number in range(len(split)):
        row = columns[number]
        told = zip(row["sub_texts"], row["segments"], strict=True)
        yield [Part(number, text, start, end) for text, (start, end) in told]


def _composed(
    first: Part, later: list[Part], ing: set[str], random: np.random.Generator
) -> Composition | None:
    if first.frames < SHORTEST or not later:
        return None
    for _ in range(TRIES):
        second = later[random.integers(len(later))]
        if first.frames + second.frames - FADE <= LONGEST_MOTION:
            ways = _ways(first.text in ing, second.text in ing)
            told = (part.text.strip(" .,;") for part in (first, second))
            return Composition(first, second, ways[random.integers(len(ways))].format(*told))
    return None


def _ways(first_by_gerund: bool, second_by_gerund: bool) -> tuple[str, ...]:
    if first_by_gerund == second_by_gerund:
        return IN_TURN
    return FIRST_BY_GERUND if first_by_gerund else SECOND_BY_GERUND


def joined(first: NDArray[np.float32], second: NDArray[np.float32], kind: MotionKind) -> NDArray[np.float32]:
    """Motions as features (A,F), (B,F), one after the other: (A + B - FADE, F).

    Heading and path go on by themselves: features tell them from frame to frame. One fades into the other over `FADE` frames,
    whose joints move as their velocities say.
    """
    share = (np.arange(1, FADE + 1, dtype=np.float32) / (FADE + 1))[:, None]
    faded = (1 - share) * first[-FADE:] + share * second[:FADE]
    whole = np.concatenate([first[:-FADE], faded, second[FADE:]])
    # A velocity leads to the next frame: that of the frame before the fade changes too.
    begin, velocities = len(first) - FADE - 1, kind.feature_slices["joint_velocities"]
    whole[begin : len(first), velocities] = steps_of_joints(whole[begin : len(first) + 1], kind)
    return whole
