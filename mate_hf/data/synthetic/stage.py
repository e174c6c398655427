"""What a performer works with: the curves of the body, the person, and the list of jumps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mate_hf.data.synthetic.controls import Controls
from mate_hf.data.synthetic.style import Style


@dataclass(frozen=True)
class Flight:
    """Both feet, or one, leave the floor together with the pelvis: frames [start, end)."""

    feet: tuple[str, ...]
    start: float
    end: float


@dataclass(frozen=True)
class Stepping:
    """Frames [start, end) in which the body moves over the ground by steps, `first` the side that starts."""

    start: int
    end: int
    first: str


@dataclass
class Stage:
    """Filled by the performers of `gaits`, `bodies` and `arms`, read by the solver in `performing`."""

    controls: Controls
    style: Style
    rng: np.random.Generator
    flights: list[Flight] = field(default_factory=list)
    steppings: list[Stepping] = field(default_factory=list)

    def vary(self, value: float, share: float = 0.12) -> float:
        """`value` give or take `share` of it, times the person's vigour."""
        return value * self.style.vigour * float(self.rng.uniform(1 - share, 1 + share))


def other(side: str) -> str:
    """The opposite side of the body."""
    return "right" if side == "left" else "left"
