"""A timeline becomes joints: every action writes its curves, then the solver finds a body that follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.synthetic import arms, bodies, gaits
from mate_hf.data.synthetic.controls import Controls
from mate_hf.data.synthetic.scenario import Timeline
from mate_hf.data.synthetic.skeleton import Array
from mate_hf.data.synthetic.solver import solve
from mate_hf.data.synthetic.stage import Stage
from mate_hf.data.synthetic.style import add_restlessness, draw_style
from mate_hf.data.synthetic.timing import Span

PERFORMERS = {
    **dict.fromkeys(gaits.GAITS, gaits.travel),
    "climb": gaits.climb,
    "turn": gaits.turn,
    "spin": gaits.turn,
    "kick": bodies.kick,
    "squat": bodies.squat,
    "crouch": bodies.crouch,
    "sit": bodies.sit,
    "stand": bodies.stand,
    "bow": bodies.bow,
    "jump": bodies.jump,
    "hop": bodies.hop,
    "lower": arms.lower_arms,
    "wave": arms.wave,
    "punch": arms.punch,
}

PLANTED_SLIP = 0.001
"""Metres a toe may move in a frame while it stands on the floor."""


def perform(timeline: Timeline, rng: np.random.Generator) -> np.ndarray:
    """Act a timeline out.

    Returns:
        (T, 22, 3) float32 joints in HumanML3D order, metres, y up, 20 fps, one frame more than the timeline
        (the conversion to features drops one). The first frame has its pelvis at x = z = 0 and faces +z
        (left is +x); the lowest joint of the clip is at y = 0. Bones keep their lengths to float32 accuracy;
        a toe that stands on the floor moves less than `PLANTED_SLIP` a frame.
    """
    frames = timeline[-1][0].end + 1
    lead, tail = _run_up(timeline, rng)
    stage = Stage(Controls(lead + frames + tail), draw_style(rng), rng)
    spans = [[_shifted(span, lead) for span in segment] for segment in timeline]
    if lead:
        spans[0][0] = replace(spans[0][0], start=0)
    if tail:
        spans[-1][0] = replace(spans[-1][0], end=lead + frames + tail)
    _set_out(stage, timeline)
    for number, segment in enumerate(spans):
        following = spans[number + 1][0].action if number + 1 < len(spans) else None
        for span in segment:
            if span.action.kind == "raise":
                stays = following is None or (following.kind == "lower" and span is segment[0])
                arms.raise_arms(span, stage, stays)
            else:
                PERFORMERS[span.action.kind](span, stage)
    gaits.smooth_travel(stage)
    add_restlessness(stage.controls, stage.style, rng)
    return grounded(solve(stage)[lead : lead + frames]).astype(np.float32)


def _run_up(timeline: Timeline, rng: np.random.Generator) -> tuple[int, int]:
    """Frames acted before and after those that are kept: recordings often begin in mid-stride."""
    first, last = timeline[0][0].action, timeline[-1][0].action
    chances = rng.random(2) < 0.6
    lead = int(rng.integers(24, 40)) if first.travels and chances[0] else 0
    tail = gaits.STOP + int(rng.integers(6, 12)) if last.travels and chances[1] else 0
    return lead, tail


def _shifted(span: Span, frames: int) -> Span:
    return replace(span, start=span.start + frames, end=span.end + frames)


def _set_out(stage: Stage, timeline: Timeline) -> None:
    """Take the pose that the first action presupposes: a raised arm to lower, a seat to rise from."""
    first = timeline[0][0].action
    if first.kind == "lower":
        arms.hold_up(stage, first.side)
    if first.kind == "stand":
        bodies.get_low(stage, first.posture, -2, -1)


def grounded(joints: Array) -> Array:
    """Move and turn a clip (T, 22, 3): pelvis of frame 0 at x = z = 0, facing +z, lowest joint at y = 0."""
    right_hip, left_hip, right_shoulder, left_shoulder = (joints[0, j] for j in HUMANML3D.face_joints)
    across = left_hip - right_hip + left_shoulder - right_shoulder
    heading = np.arctan2(-across[2], across[0])
    sine, cosine = np.sin(heading), np.cos(heading)
    turn_back = np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    origin = np.array([joints[0, 0, 0], joints[..., 1].min(), joints[0, 0, 2]])
    return (joints - origin) @ turn_back.T
