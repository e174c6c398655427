"""How long an action takes: speed changes the beat of an action, not only its name."""

from __future__ import annotations

from dataclasses import dataclass

from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.synthetic.actions import Action

FPS = HUMANML3D.fps

SLOWNESS = {"slowly": (1.5, 1.7), "normally": (0.94, 1.06), "quickly": (0.62, 0.7)}
"""A beat lasts this factor of its normal time. The ranges stay apart, so speed words are always true."""

BEAT = {
    "kick": 22, "punch": 13, "squat": 38, "jump": 27, "hop": 12, "bow": 44, "wave": 11, "raise": 16,
    "lower": 16, "sit": 30, "stand": 28, "crouch": 24, "turn": 22, "spin": 44, "climb": 12,
}  # fmt: skip
"""Frames of one repetition at normal speed: a kick, a swing of a wave, 90 degrees of a turn, a stair."""

DEGREES_PER_BEAT = {"turn": 90, "spin": 360}

READY = {"punch": 6, "wave": 10, "climb": 12, "turn": 5, "spin": 5}
"""Frames before the first repetition and after the last: arms come into place, feet together."""

SETTLE = 4
"""Frames of rest before and after an action that starts from rest, at least."""

SHORTEST_SEGMENT = 20
"""No action of a sequence is over in less than a second."""

CIRCLE_FRAMES, STRAIGHT_FRAMES = (82, 26), (46, 58)
"""Shortest gait segment and what may be added to it: a circle at normal speed, a line at any."""


WIDEST_CURVE = {"walk": 0.0, "jog": 0.95, "run": 1.25}
"""Faster gaits need wider circles, not less time: the least factor of a circle's normal duration."""


@dataclass(frozen=True)
class Length:
    """Frames an action takes: `repeats` beats of `beat` frames, at `tempo` times its normal speed."""

    frames: int
    beat: float
    tempo: float
    repeats: int


@dataclass(frozen=True)
class Span:
    """When and how fast an action is done: frames [start, end).

    `enters` and `leaves` say whether a gait flows out of and into another gait without a stop.
    """

    action: Action
    start: int
    end: int
    length: Length
    enters: bool = False
    leaves: bool = False

    @property
    def frames(self) -> int:
        return self.end - self.start


def length_of(action: Action, slack: float, spare: float) -> Length:
    """The length of `action` for two numbers in [0, 1]: its place in its speed's range, the added time."""
    low, high = SLOWNESS[action.speed]
    slowness = low + (high - low) * slack
    tempo = 1.0 / slowness
    if action.travels:
        shortest, extra = CIRCLE_FRAMES if action.circles else STRAIGHT_FRAMES
        stretch = max(slowness, WIDEST_CURVE[action.kind]) if action.circles else 1.0
        return Length(round(shortest * stretch + extra * spare), 0.0, tempo, 1)
    beat = BEAT[action.kind] * slowness
    repeats = _repeats(action, spare)
    turns = action.degrees / DEGREES_PER_BEAT[action.kind] if action.degrees else 1.0
    busy = beat * repeats * turns + 2 * READY.get(action.kind, 0) + 2 * SETTLE
    return Length(max(round(busy + 12 * spare), SHORTEST_SEGMENT), beat, tempo, repeats)


def _repeats(action: Action, spare: float) -> int:
    if action.kind == "wave":
        return 2 + round(2 * spare)
    if action.kind == "climb":
        return 4 + round(3 * spare)
    return action.count
