"""Where and when feet leave the floor and come back: steps that follow the path of the body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from mate_hf.data.synthetic.controls import Controls
from mate_hf.data.synthetic.gaits import STOP
from mate_hf.data.synthetic.skeleton import SIDES, Array
from mate_hf.data.synthetic.stage import Stage, Stepping, other
from mate_hf.data.synthetic.timing import FPS

TOE_AHEAD = 0.085
"""The toe joint of someone who stands lies this far in front of the pelvis (metres)."""

CLOSE_ENOUGH = 0.015, 0.05
"""Metres and radians; a foot nearer than that to its place of rest is not moved again."""


CLOSING_CADENCE = 2.6
"""Steps a second, at least, that bring the feet together after a stop, however slow the gait was."""


@dataclass(frozen=True)
class Path:
    """The way over the ground: place (T, 2) as x, z; heading (T,) rad; level (T,) m of the floor."""

    place: Array
    heading: Array
    level: Array

    def at(self, time: float) -> tuple[Array, float, float]:
        """Place, heading and level at a frame; the ends are held."""
        frames = np.arange(len(self.heading))
        place = np.array([np.interp(time, frames, self.place[:, axis]) for axis in (0, 1)])
        return place, float(np.interp(time, frames, self.heading)), float(np.interp(time, frames, self.level))


@dataclass(frozen=True)
class Foothold:
    """A foot on the floor: toe place (2,) as x, z metres; yaw rad; level m."""

    place: Array
    yaw: float
    level: float


@dataclass(frozen=True)
class Step:
    """A foot in the air from frame `lift` to `land`, on its way to `to`, at most `clearance` metres up.

    `strike` is the pitch of the foot at landing (negative: toe up, the heel strikes first); with `flight`,
    the whole body is in the air.
    """

    foot: str
    lift: float
    land: float
    to: Foothold
    clearance: float
    strike: float
    flight: bool = False


def integrated(controls: Controls) -> Path:
    """The path that the travel curves lead along, from the origin facing +z."""
    heading = np.cumsum(controls["turning"]) / FPS
    forward, sideways = controls["forward"] / FPS, controls["sideways"] / FPS
    x = np.cumsum(np.sin(heading) * forward + np.cos(heading) * sideways)
    z = np.cumsum(np.cos(heading) * forward - np.sin(heading) * sideways)
    return Path(np.stack([x, z], -1), heading, np.cumsum(controls["climbing"]) / FPS)


def stance(
    path: Path, time: float, foot: str, stage: Stage, ahead: float = 0.0, wide: float = 0.0
) -> Foothold:
    """Where `foot` stands under the body of frame `time`, moved `ahead` and `wide` (to the left) metres."""
    place, heading, level = path.at(time)
    side = SIDES[foot] * stage.style.stance + wide
    front = TOE_AHEAD + ahead
    sine, cosine = np.sin(heading), np.cos(heading)
    offset = np.array([cosine * side + sine * front, -sine * side + cosine * front])
    return Foothold(place + offset, heading + SIDES[foot] * stage.style.toe_out, level)


def plan_steps(stage: Stage, path: Path) -> dict[str, list[Step]]:
    """The steps of each foot in order of time."""
    steps: dict[str, list[Step]] = {foot: [] for foot in SIDES}
    for flight in stage.flights:
        for foot in flight.feet:
            hold = stance(path, flight.end + 6, foot, stage)
            steps[foot].append(Step(foot, flight.start, flight.end, hold, 0.0, 0.25, flight=True))
    holds = {foot: stance(path, 0, foot, stage) for foot in SIDES}
    stretches = _joined(stage)
    for stretch, following in zip_longest(stretches, stretches[1:]):
        until = np.inf if following is None else following.start
        for step in _walk(stage, path, stretch, holds, until):
            steps[step.foot].append(step)
    return {foot: sorted(of_foot, key=lambda step: step.lift) for foot, of_foot in steps.items()}


def _joined(stage: Stage) -> list[Stepping]:
    """Stretches of stepping, those that touch made one."""
    joined: list[Stepping] = []
    for stretch in sorted(stage.steppings, key=lambda each: each.start):
        if joined and stretch.start <= joined[-1].end:
            joined[-1] = Stepping(joined[-1].start, stretch.end, joined[-1].first)
        else:
            joined.append(stretch)
    return joined


def _walk(
    stage: Stage, path: Path, stretch: Stepping, holds: dict[str, Foothold], until: float
) -> Iterator[Step]:
    """Alternate steps: step k swings from phase k to k + 2 (1 - duty), the phase being the integral of
    cadence.

    After the stretch the feet close up under the body, unless a next stretch begins (`until`) before they
    can.
    """
    controls, start, end = stage.controls, stretch.start, stretch.end
    last = min(end, controls.frames) - 1
    cadence = controls["cadence"][start : last + 1]
    pace = np.concatenate([cadence, np.full(60, max(cadence[-1], CLOSING_CADENCE))])
    phases, frames = np.concatenate([[0.0], np.cumsum(pace) / FPS]), start + np.arange(len(pace) + 1)
    foot, number, at_rest = stretch.first, 0, 0
    while at_rest < 2:
        lift = float(np.interp(number, phases, frames))
        now = min(int(lift), last)
        swing = 2 * (1 - controls["duty"][now])
        land, middle = np.interp(
            [number + swing, number + swing + controls["duty"][now]], phases, frames
        ).tolist()
        if lift < end:
            hold = _foothold(stage, path, foot, min(middle, end + STOP), now, path.level[start])
            strike = float(np.clip(-0.22 * controls["forward"][now], -0.3, 0.15))
            step = Step(foot, lift, land, hold, controls["clearance"][now], strike)
        else:
            hold = stance(path, end + STOP, foot, stage)
            step = Step(foot, lift, min(land, lift + 8), hold, 0.6 * controls["clearance"][now], 0.0)
        if step.land > until:
            return
        at_rest = at_rest + 1 if lift >= end and not _away(holds[foot], hold) else 0
        if at_rest == 0:
            holds[foot] = hold
            yield step
        foot, number = other(foot), number + 1


def _foothold(stage: Stage, path: Path, foot: str, middle: float, now: int, ground: float) -> Foothold:
    """Where the step that begins at frame `now` lands for a stance that is half over at frame `middle`."""
    controls = stage.controls
    at = min(int(middle), controls.frames - 1)
    forward, sideways = controls["forward"][at], controls["sideways"][at]
    # Feet that step sideways close up to each other instead of crossing: the one in front goes half a step
    # more.
    leading = 1.0 if (sideways > 0) == (foot == "left") else -1.0
    wide = leading * sideways / controls["cadence"][now] / 2
    hold = stance(path, middle, foot, stage, ahead=float(np.clip(-0.05 * forward, -0.09, 0.05)), wide=wide)
    rise = controls["rise"][now]
    if rise == 0.0:
        return hold
    return Foothold(hold.place, hold.yaw, float(ground + rise * np.round((hold.level - ground) / rise)))


def _away(hold: Foothold, rest: Foothold) -> bool:
    far = float(np.hypot(*(hold.place - rest.place)))
    return far > CLOSE_ENOUGH[0] or abs(hold.yaw - rest.yaw) > CLOSE_ENOUGH[1]
