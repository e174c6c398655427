"""What arms do, alone or on top of what the legs do: raise, lower, wave, punch."""

from __future__ import annotations

import numpy as np

from mate_hf.data.synthetic.skeleton import SIDES
from mate_hf.data.synthetic.stage import Stage
from mate_hf.data.synthetic.timing import READY, SETTLE, Span

Pose = tuple[float, float, float, float]
"""Flexion, abduction, twist, elbow: see `skeleton.Limbs`."""

ANGLES = ("flexion", "abduction", "twist", "elbow")

GUARD: Pose = (0.45, 0.2, 0.1, 2.15)
STRUCK: Pose = (1.5, -0.05, 0.0, 0.12)


def sides_of(side: str) -> tuple[str, ...]:
    """The sides that `left`, `right` or `both` name."""
    return ("left", "right") if side == "both" else (side,)


def raised_pose(rng: np.random.Generator) -> Pose:
    """An arm held up, brought there in front of the body or along its side."""
    if rng.random() < 0.5:
        return float(rng.uniform(2.3, 2.9)), 0.12, 0.0, float(rng.uniform(0.05, 0.35))
    return 0.15, float(rng.uniform(2.2, 2.8)), 1.2, float(rng.uniform(0.05, 0.35))


def raise_arms(span: Span, stage: Stage, stays: bool) -> None:
    """Up within a beat, then held; where it does not stay, down again before the span is over."""
    start = span.start + SETTLE
    pose = raised_pose(stage.rng)
    for side in sides_of(span.action.side):
        before = _take(stage, side, [start, start + span.length.beat], pose)
        if not stays:
            _release(stage, side, [span.end - 12, span.end - 1], before)


def hold_up(stage: Stage, side: str) -> None:
    """Raise arms before the first frame, for someone who begins by lowering them."""
    pose = raised_pose(stage.rng)
    for each in sides_of(side):
        for curve, value in zip(("own", *ANGLES), (1.0, *pose), strict=True):
            stage.controls.fill(f"{each}_{curve}", 0, stage.controls.frames, value)


def lower_arms(span: Span, stage: Stage) -> None:
    """Down within a beat."""
    start = span.start + SETTLE
    for side in sides_of(span.action.side):
        stage.controls.lead(f"{side}_own", [start, start + span.length.beat], [0])


def wave(span: Span, stage: Stage) -> None:
    """Hand up and to and fro until the span is nearly over, by the forearm or by the whole arm."""
    ready, beat, rng = READY["wave"], span.length.beat, stage.rng
    by_forearm = rng.random() < 0.6
    pose: Pose = (0.1, stage.vary(1.15), 1.5, 1.45) if by_forearm else (0.1, stage.vary(2.3, 0.06), 1.2, 0.45)
    size = stage.vary(0.5 if by_forearm else 0.32, 0.15)
    start, end = span.start + ready, span.end - ready
    swings = max(int((end - start) / beat), 1)
    share = (stage.controls.times - start) / beat
    swing = size * np.sin(2 * np.pi * share) * ((share > 0) & (share < swings))
    for side in sides_of(span.action.side):
        before = _take(stage, side, [span.start + 1, start], pose)
        _release(stage, side, [end, span.end - 1], before)
        stage.controls.ripple(f"{side}_elbow" if by_forearm else f"{side}_abduction", swing)


def punch(span: Span, stage: Stage) -> None:
    """Guard, then straight punches of one hand with the shoulder behind them, then arms down."""
    side, beat, controls = span.action.side, span.length.beat, stage.controls
    ready = READY["punch"]
    start = span.start + ready + 1
    end = start + beat * span.length.repeats
    before = {each: _take(stage, each, [span.start + 1, start], GUARD) for each in SIDES}
    for number in range(span.length.repeats):
        keys = [start + beat * (number + share) for share in (0, 0.42, 0.58, 1)]
        for angle, struck, guard in zip(ANGLES, STRUCK, GUARD, strict=True):
            controls.lead(f"{side}_{angle}", keys, [struck, struck, guard])
        controls.lead("spine_yaw", keys, [-SIDES[side] * 0.4, -SIDES[side] * 0.4, 0])
    for each in SIDES:
        _release(stage, each, [end, end + ready], before[each])


Held = tuple[float, Pose]
"""How far an arm is held by an action (0 to 1), and its angles."""


def _take(stage: Stage, side: str, keys: list[float], pose: Pose) -> Held:
    """Bring an arm into `pose` between two frames and return how it was held before."""
    controls = stage.controls
    first = max(int(keys[0]), 0)
    own, *angles = (float(controls[f"{side}_{curve}"][first]) for curve in ("own", *ANGLES))
    # An arm that hangs has no angles of its own to start from: it takes the new ones while `own` is still
    # zero.
    posing = keys if own > 0.0 else [keys[0] - 1, keys[0]]
    for angle, value in zip(ANGLES, pose, strict=True):
        controls.lead(f"{side}_{angle}", posing, [value])
    controls.lead(f"{side}_own", keys, [1])
    return own, (angles[0], angles[1], angles[2], angles[3])


def _release(stage: Stage, side: str, keys: list[float], before: Held) -> None:
    own, pose = before
    stage.controls.lead(f"{side}_own", keys, [own])
    if own > 0.0:
        for angle, value in zip(ANGLES, pose, strict=True):
            stage.controls.lead(f"{side}_{angle}", keys, [value])
