"""Walking, jogging, running, stairs, turns and spins, as speeds over ground and the manner of the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mate_hf.data.synthetic.controls import TRAVEL, gradual, smoothed
from mate_hf.data.synthetic.stage import Stage, Stepping
from mate_hf.data.synthetic.timing import DEGREES_PER_BEAT, FPS, SETTLE, Span

STOP = 16
"""Frames a body needs to bring its feet together at the end of its steps."""


ACCELERATION = 5.5
"""Metres a second, a second: how fast a body gets going and comes to a stop."""

CURVE_SPEED = 0.88
"""A circle is run this much slower than a line."""

FIRST_STEP = 0.65
"""Share of the first step that is over when the body begins to move."""


@dataclass(frozen=True)
class Gait:
    """A gait at normal tempo: metres a second forward, backward and sideways; steps a second; the rest as in
    `controls.STRIDE` and `controls.MANNER`."""

    forward: float
    backward: float
    sideways: float
    cadence: float
    duty: float
    clearance: float
    bob: float
    swing: float
    bend: float
    lean: float
    drop: float


GAITS = {
    "walk": Gait(1.20, 0.75, 0.52, 1.85, 0.61, 0.05, 0.016, 0.9, 0.12, 0.03, 0.02),
    "jog": Gait(2.10, 1.45, 0.95, 2.60, 0.42, 0.13, -0.028, 1.0, 1.15, 0.10, 0.045),
    "run": Gait(3.30, 2.20, 1.35, 2.95, 0.34, 0.20, -0.036, 1.1, 1.45, 0.17, 0.06),
}

STAIR_RISE, STAIR_DEPTH = (0.14, 0.18), (0.26, 0.31)
"""Metres, the range from which a flight of stairs is drawn."""


def travel(span: Span, stage: Stage) -> None:
    """Walk, jog or run in the direction of the action; a circle closes at the end of its span."""
    action, controls, tempo = span.action, stage.controls, span.length.tempo
    gait = GAITS[action.kind]
    start = span.start if span.enters else span.start + SETTLE
    end = span.end if span.leaves else span.end - STOP
    # The first foot is in the air before the body moves off, or the other one would be left behind.
    moving = start if span.enters else start + round(FIRST_STEP * FPS / (gait.cadence * tempo**0.5))
    curve, base = {
        "backward": ("forward", -gait.backward),
        "left": ("sideways", gait.sideways),
        "right": ("sideways", -gait.sideways),
    }.get(action.direction, ("forward", gait.forward))
    speed = base * tempo * stage.style.stride * stage.rng.uniform(0.95, 1.05)
    if action.circles:
        speed *= CURVE_SPEED
    controls.fill(curve, moving, end, speed)
    if action.circles:
        angle = stage.rng.uniform(1.75, 2.1) * np.pi * (1 if action.direction == "counterclockwise" else -1)
        ramp = speed / ACCELERATION * FPS / 2
        at_speed = end - moving - ramp * (not span.enters) - ramp * (not span.leaves)
        turning = angle * FPS / at_speed
        controls.fill("turning", moving, end, turning)
        controls.fill("bank", moving + ramp, end - ramp, float(np.clip(-0.06 * turning * speed, -0.3, 0.3)))
    _step(stage, start, end, gait, tempo, "left" if action.direction == "left" else "right")
    if action.direction != "backward":
        controls.fill("gait_lean", start, end, gait.lean * tempo)


def climb(span: Span, stage: Stage) -> None:
    """Walk up or down a flight of stairs, one stair a step."""
    controls, beat, stairs = stage.controls, span.length.beat, span.length.repeats
    start = span.start + SETTLE
    moving, end = start + round(FIRST_STEP * beat), start + round((stairs + 0.4) * beat)
    seconds = (end - moving) / FPS
    rise = stage.rng.uniform(*STAIR_RISE) * (1 if span.action.direction == "up" else -1)
    controls.fill("forward", moving, end, stage.rng.uniform(*STAIR_DEPTH) * stairs / seconds)
    controls.fill("climbing", moving, end, rise * stairs / seconds)
    controls.fill("rise", start, end + STOP, abs(rise))
    _step(stage, start, end, GAITS["walk"], span.length.tempo, "left" if stage.style.leads_left else "right")
    controls.fill("cadence", start, end, FPS / beat)
    controls.fill("clearance", start, end + STOP, 0.09)
    controls.fill("gait_drop", start, end, 0.03)
    controls.fill("gait_lean", start, end, 0.12 if rise > 0 else 0.02)


def turn(span: Span, stage: Stage) -> None:
    """Turn or spin on the spot by small steps, at the tempo of the action."""
    action = span.action
    start = span.start + SETTLE
    end = start + round(span.length.beat * action.degrees / DEGREES_PER_BEAT[action.kind])
    left = action.direction in ("left", "counterclockwise")
    angle = np.radians(action.degrees) * stage.rng.uniform(0.95, 1.05) * (1 if left else -1)
    stage.controls.fill("turning", start, end, angle * FPS / (end - start))
    _step(stage, start, end, GAITS["walk"], 1.1 * span.length.tempo**0.6, "left" if left else "right")
    for name, value in (("clearance", 0.04), ("bob", 0.004), ("gait_drop", 0.02)):
        stage.controls.fill(name, start, end, value)


def _step(stage: Stage, start: int, end: int, gait: Gait, tempo: float, first: str) -> None:
    """Fill the manner of the steps from `start` to `end`; a slower gait takes fewer and smaller steps."""
    controls, style = stage.controls, stage.style
    livelier = tempo**0.5
    for name, value in (
        ("cadence", gait.cadence * livelier / style.stride**0.5),
        ("duty", min(gait.duty / tempo**0.12, 0.68)),
        ("clearance", gait.clearance * livelier * style.bounce),
        ("bob", gait.bob * style.bounce),
        ("arm_swing", gait.swing * style.swing),
        ("arm_bend", gait.bend),
        ("gait_drop", gait.drop),
    ):
        controls.fill(name, start, end, value)
    stage.steppings.append(Stepping(start, end, first))


def smooth_travel(stage: Stage) -> None:
    """Let speeds and manners pass into one another as fast as legs can; a curve keeps its radius."""
    curves = stage.controls.curves
    for name in ("forward", "sideways"):
        limited = gradual(curves[name], ACCELERATION / FPS)
        if name == "forward":
            curves["turning"] *= np.divide(
                limited, curves[name], out=np.ones_like(limited), where=curves[name] != 0
            )
        curves[name] = limited
    for name in TRAVEL:
        curves[name] = smoothed(curves[name], 6)
    for name in ("bob", "arm_swing", "arm_bend", "gait_lean", "gait_drop", "bank"):
        curves[name] = smoothed(curves[name], 7)
