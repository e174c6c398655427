"""What a synthetic person can do, and the combinations that are kept for the test split."""

from __future__ import annotations

from dataclasses import dataclass, replace

GAITS = ("walk", "jog", "run")
ARM_KINDS = ("raise", "lower", "wave", "punch")
SPEEDS = ("slowly", "normally", "quickly")


@dataclass(frozen=True)
class Action:
    """One action of one person.

    Attributes:
        kind: walk, jog, run, climb, turn, spin, kick, punch, raise, lower, wave, squat, crouch, sit, stand,
            jump, hop or bow.
        direction: forward, backward, left, right, clockwise or counterclockwise for a gait (the last two walk
            a circle, seen from above), up or down for climb, left or right for turn, clockwise or
            counterclockwise for spin; empty elsewhere.
        side: left, right or both, the limb that acts; empty where the whole body does.
        count: how often it is done.
        speed: slowly, normally or quickly.
        degrees: the angle of a turn or spin, in degrees.
        posture: for stand, what it starts from: seated or crouched.
    """

    kind: str
    direction: str = ""
    side: str = ""
    count: int = 1
    speed: str = "normally"
    degrees: int = 0
    posture: str = ""

    @property
    def travels(self) -> bool:
        """Whether it is a gait."""
        return self.kind in GAITS

    @property
    def advances(self) -> bool:
        """Whether it is a gait to the front; such gaits pass into one another without a stop."""
        return self.kind in GAITS and (self.direction == "forward" or self.circles)

    @property
    def circles(self) -> bool:
        return self.kind in GAITS and self.direction in ("clockwise", "counterclockwise")


@dataclass(frozen=True)
class Combination:
    """Attributes of one action that never meet in a training or validation motion; empty means any."""

    kind: str
    direction: str = ""
    side: str = ""
    count: int = 0
    speed: str = ""

    def holds(self, action: Action) -> bool:
        return (
            self.kind == action.kind
            and self.direction in ("", action.direction)
            and self.side in ("", action.side)
            and self.count in (0, action.count)
            and self.speed in ("", action.speed)
        )

    def imposed_on(self, action: Action) -> Action:
        """`action`, of the same kind, with the attributes of this combination."""
        return replace(
            action,
            direction=self.direction or action.direction,
            side=self.side or action.side,
            count=self.count or action.count,
            speed=self.speed or action.speed,
        )


HELD_OUT = (
    Combination("jog", direction="clockwise"),
    Combination("run", direction="counterclockwise"),
    Combination("run", direction="backward"),
    Combination("kick", side="left", count=3),
    Combination("punch", side="left", speed="quickly"),
    Combination("raise", side="right", speed="slowly"),
    Combination("hop", side="right", speed="quickly"),
    Combination("spin", direction="counterclockwise", speed="slowly"),
)
"""Kept for the test split: does a model that knows each word alone understand them together?

They cover every way words combine (gait with path, limb with count, limb with speed, path with speed), take
left and right equally often, and leave each single word common in training. Only the unlucky combination
changes its count, speed or gait there, never its side, so left and right stay equally frequent in training
too.
"""


def is_held_out(action: Action) -> bool:
    """Whether `action` is one of the combinations that training never shows."""
    return any(combination.holds(action) for combination in HELD_OUT)
