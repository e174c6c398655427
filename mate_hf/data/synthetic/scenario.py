"""What happens in a motion, one to three segments, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mate_hf.data.kinds import HUMANML3D, LONGEST_MOTION
from mate_hf.data.synthetic.actions import Action, is_held_out
from mate_hf.data.synthetic.timing import Length, Span, length_of


@dataclass(frozen=True)
class Segment:
    """One stretch of a motion: what the body does and, where given, what the arms do meanwhile."""

    main: Action
    on_top: Action | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        return (self.main,) if self.on_top is None else (self.main, self.on_top)

    def changed(self, change: Callable[[Action], Action]) -> Segment:
        return Segment(*(change(action) for action in self.actions))


@dataclass(frozen=True)
class Scenario:
    """The segments of a motion, in the order in which they happen."""

    segments: tuple[Segment, ...]

    @property
    def actions(self) -> Iterator[Action]:
        return (action for segment in self.segments for action in segment.actions)

    @property
    def held_out(self) -> bool:
        """Whether any action is a combination that training never shows."""
        return any(is_held_out(action) for action in self.actions)

    @property
    def shortest(self) -> int:
        """Frames below which the scenario cannot be told."""
        return sum(max(length_of(a, 0.0, 0.0).frames for a in segment.actions) for segment in self.segments)

    @property
    def distinct(self) -> bool:
        """Whether no segment goes on with what the one before it did."""
        mains = [(s.main.kind, s.main.direction) for s in self.segments]
        return all(a != b for a, b in pairwise(mains))


Timeline = tuple[tuple[Span, ...], ...]
"""Per segment the span of its main action, then of the one on top; the main spans partition the motion."""


def draw_timeline(scenario: Scenario, rng: np.random.Generator) -> Timeline:
    """Decide the frames of every action: in all at least 40 and at most 196 feature frames."""
    for generosity in (1.0, 0.75, 0.5, 0.25, 0.0):
        lengths = [
            [length_of(a, rng.random(), rng.random() * generosity) for a in segment.actions]
            if generosity
            else [length_of(a, 0.0, 0.0) for a in segment.actions]
            for segment in scenario.segments
        ]
        frames = [max(length.frames for length in of_segment) for of_segment in lengths]
        if sum(frames) <= LONGEST_MOTION:
            break
    if len(frames) == 1 and scenario.segments[0].main.travels and not scenario.segments[0].main.circles:
        frames[0] += int(rng.integers(0, 60))
    missing = HUMANML3D.shortest - sum(frames)
    if missing > 0:
        frames[-1] += missing + int(rng.integers(0, 12))
    return _laid_out(scenario, lengths, frames)


def _laid_out(scenario: Scenario, lengths: list[list[Length]], frames: list[int]) -> Timeline:
    ends = np.cumsum(frames).tolist()
    advances = [False, *(segment.main.advances for segment in scenario.segments), False]
    timeline = []
    for number, segment in enumerate(scenario.segments):
        start, end = ends[number] - frames[number], ends[number]
        before, now, after = advances[number : number + 3]
        main = Span(segment.main, start, end, lengths[number][0], enters=now and before, leaves=now and after)
        spans = [main]
        if segment.on_top is not None:
            spans.append(_span_on_top(segment.on_top, main, lengths[number][1]))
        timeline.append(tuple(spans))
    return tuple(timeline)


def _span_on_top(action: Action, main: Span, length: Length) -> Span:
    """Waves and raised arms last as long as the legs act; punches are over when they are counted."""
    if action.kind == "punch":
        start = main.start + (main.frames - length.frames) // 2
        return Span(action, start, start + length.frames, length)
    return Span(action, main.start, main.end, length)
