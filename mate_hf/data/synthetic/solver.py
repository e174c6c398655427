"""From curves and footholds to joints: the pelvis goes where the legs allow, everything else follows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mate_hf.data.synthetic.controls import Controls, eased, smoothed
from mate_hf.data.synthetic.footsteps import Path, Step, integrated, plan_steps, stance
from mate_hf.data.synthetic.legs import FootTrack, ankle_of, ceiling, follow_leg, settled, toe_of, track_foot
from mate_hf.data.synthetic.skeleton import (
    LEG,
    SIDES,
    STANDING_HEIGHT,
    Array,
    Limbs,
    Torso,
    euler,
    pose_joints,
    within_reach,
)
from mate_hf.data.synthetic.stage import Stage

WEIGHT_SHIFT = 0.018
"""Metres the pelvis moves over the foot that carries it alone."""


@dataclass(frozen=True)
class Stride:
    """What the feet tell the rest of the body, (T,) each: left toe ahead of the right (m), weight on the left
    minus on the right foot, height of the bounce (m)."""

    ahead: Array
    weight: Array
    bounce: Array


def solve(stage: Stage) -> Array:
    """Joints (T, 22, 3) in metres of a body that follows the curves of `stage`."""
    controls = stage.controls
    path = integrated(controls)
    steps = plan_steps(stage, path)
    tracks = {
        side: track_foot(steps[side], stance(path, 0.0, side, stage), controls, controls[f"{side}_heel"])
        for side in SIDES
    }
    stride = _stride(controls, path, steps, tracks)
    torso = _torso(controls, path, stride)
    room = np.minimum.reduce([ceiling(tracks[side], torso.hip(side)) for side in SIDES])
    torso.pelvis[:, 1] += settled(np.minimum(room, 0.0))
    limbs, lateral = {}, {}
    for side in SIDES:
        limbs[side] = _limbs(stage, side, tracks[side], torso, path, stride)
        aim = (tracks[side].yaw + path.heading) / 2
        lateral[side] = np.stack([np.cos(aim), np.zeros_like(aim), -np.sin(aim)], -1)
    return pose_joints(torso, limbs, lateral)


def _stride(
    controls: Controls, path: Path, steps: dict[str, list[Step]], tracks: dict[str, FootTrack]
) -> Stride:
    apart = tracks["left"].toe - tracks["right"].toe
    ahead = apart[:, 0] * np.sin(path.heading) + apart[:, 2] * np.cos(path.heading)
    weight = tracks["left"].planted.astype(float) - tracks["right"].planted
    middles = sorted(
        (step.lift + step.land) / 2 for each in steps.values() for step in each if not step.flight
    )
    phase = np.interp(controls.times, middles, np.arange(len(middles))) if middles else controls.times * 0
    bounce = controls["bob"] * np.cos(2 * np.pi * phase)
    return Stride(smoothed(ahead, 2), smoothed(weight, 3), bounce)


def _torso(controls: Controls, path: Path, stride: Stride) -> Torso:
    aside = controls["aside"] + WEIGHT_SHIFT * stride.weight
    back = controls["back"]
    sine, cosine = np.sin(path.heading), np.cos(path.heading)
    height = path.level + STANDING_HEIGHT + stride.bounce + controls["lift"]
    pelvis = np.stack(
        [
            path.place[:, 0] + cosine * aside - sine * back,
            height - controls["drop"] - controls["gait_drop"],
            path.place[:, 1] - sine * aside - cosine * back,
        ],
        -1,
    )
    twist = np.clip(0.18 * stride.ahead, -0.2, 0.2)
    lean = controls["lean"] + 0.4 * controls["gait_lean"]
    bend = controls["spine_pitch"] + 0.6 * controls["gait_lean"]
    zero = np.zeros(controls.frames)
    roll = controls["spine_roll"] - 0.04 * stride.weight
    # The chest turns against the pelvis, so twice its turn is undone on the way up the spine.
    return Torso(
        pelvis,
        euler(path.heading - twist, lean, controls["bank"] + 0.04 * stride.weight),
        euler((controls["spine_yaw"] + 1.8 * twist) / 3, bend / 3, roll / 3),
        euler(zero - 0.8 * twist, controls["head_pitch"] - np.clip(0.6 * (lean + bend), -0.2, 0.45), zero),
    )


def _limbs(stage: Stage, side: str, track: FootTrack, torso: Torso, path: Path, stride: Stride) -> Limbs:
    controls, hip = stage.controls, torso.hip(side)
    free, swing, reach = (controls[f"{side}_{what}"] for what in ("free", "swing", "reach"))
    pitch = follow_leg(track, hip)
    straight = eased((reach - 0.72) / 0.25)
    pitch = pitch + free * ((1 - straight) * 0.4 - straight * 0.8 * swing - pitch)
    ankle = ankle_of(track.toe, track.yaw, pitch)
    forward = np.sin(swing)
    pointed = np.stack([forward * np.sin(path.heading), -np.cos(swing), forward * np.cos(path.heading)], -1)
    ankle = ankle + free[:, None] * (hip + LEG * reach[:, None] * pointed - ankle)
    ankle = within_reach(hip, ankle)
    return Limbs(ankle, toe_of(ankle, track.yaw, pitch), _arm(stage, side, stride))


def _arm(stage: Stage, side: str, stride: Stride) -> Array:
    """The arm's angles (T, 4): it swings against its leg as far as no action holds it."""
    controls, style = stage.controls, stage.style
    forward = -SIDES[side] * controls["arm_swing"] * np.clip(stride.ahead, -0.8, 0.8) * 0.75
    bent = controls["lean"] + controls["spine_pitch"] + controls["gait_lean"]
    elbow = style.elbow + controls["arm_bend"] + np.maximum(forward, 0) * 0.5
    free = np.stack(
        [
            0.04 + forward + 0.7 * bent - 0.15 * controls["arm_bend"],
            style.arm_out + 0.06 * controls["arm_bend"],
            np.full(controls.frames, -0.15),
            elbow,
        ],
        -1,
    )
    held = np.stack([controls[f"{side}_{angle}"] for angle in ("flexion", "abduction", "twist", "elbow")], -1)
    return free + controls[f"{side}_own"][:, None] * (held - free)
