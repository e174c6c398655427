"""An average adult's bones and the kinematics that turn angles and foot places into 22 joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import HUMANML3D

Array = NDArray[np.float64]

SIDES = {"left": 1.0, "right": -1.0}
"""The sign of x on each side of a body that faces +z."""

HIP = np.array([0.058, -0.086, -0.008])
SPINE = (np.array([0.0, 0.124, -0.038]), np.array([0.0, 0.139, 0.030]), np.array([0.0, 0.055, 0.013]))
NECK = np.array([0.0, 0.218, -0.012])
HEAD = np.array([0.0, 0.078, 0.060])
COLLAR = np.array([0.072, 0.116, -0.010])
SHOULDER = np.array([0.116, -0.028, -0.018])
THIGH, SHIN = 0.392, 0.430
UPPER_ARM, FOREARM = 0.260, 0.268
FOOT_BACK, FOOT_UP = 0.134, 0.052
"""The ankle lies this far behind and above the toe joint of a flat foot. Metres, like all of the above."""

LEG = THIGH + SHIN
LONGEST_REACH = 0.992 * LEG
"""A leg is never stretched further, so the knee never locks or flips."""

STANDING_HEIGHT = FOOT_UP + 0.984 * LEG - HIP[1]
"""Pelvis above the toes of a person who stands at ease."""


@dataclass
class Limbs:
    """Where a side's foot is and how its arm is held, all per frame.

    Attributes:
        ankle: (T, 3) in the world, metres.
        toe: (T, 3) in the world, metres.
        arm: (T, 4) radians: flexion (0 hangs, pi/2 forward, pi up), abduction (away from the body), twist of
            the elbow's hinge (0 bends forward, pi/2 outward or up), elbow bend.
    """

    ankle: Array
    toe: Array
    arm: Array


@dataclass
class Torso:
    """The pelvis and what stands on it: `pelvis` (T, 3) metres, rotations (T, 3, 3)."""

    pelvis: Array
    pelvis_rotation: Array
    spine_step: Array
    head_step: Array

    @property
    def chest_rotation(self) -> Array:
        return self.pelvis_rotation @ self.spine_step @ self.spine_step @ self.spine_step

    def hip(self, side: str) -> Array:
        """The hip joint, (T, 3) metres."""
        return self.pelvis + self.pelvis_rotation @ mirrored(HIP, side)


def mirrored(offset: Array, side: str) -> Array:
    """An offset given for the left side, on `side`."""
    return offset * np.array([SIDES[side], 1.0, 1.0])


def euler(yaw: Array, pitch: Array, roll: Array) -> Array:
    """Rotations (T, 3, 3) that roll (about +z), then pitch forward (about +x), then turn (about +y)."""
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (yaw, pitch, roll))
    rows = (
        (cy * cr + sy * sp * sr, sy * sp * cr - cy * sr, sy * cp),
        (cp * sr, cp * cr, -sp),
        (cy * sp * sr - sy * cr, sy * sr + cy * sp * cr, cy * cp),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def knee_of(hip: Array, ankle: Array, lateral: Array) -> Array:
    """The knee of a leg that bends in the plane across `lateral` (the body's left), always to the front.

    Args:
        hip, ankle: (T, 3), no farther apart than `LONGEST_REACH`.
        lateral: (T, 3) unit vectors to the left of the foot.
    """
    leg = ankle - hip
    length = np.linalg.norm(leg, axis=-1, keepdims=True)
    along = leg / length
    front = np.cross(along, lateral)
    front /= np.linalg.norm(front, axis=-1, keepdims=True)
    reach = (THIGH**2 - SHIN**2 + length**2) / (2 * length)
    return hip + along * reach + front * np.sqrt(np.maximum(THIGH**2 - reach**2, 0.0))


def within_reach(hip: Array, ankle: Array) -> Array:
    """`ankle` pulled towards `hip` (or away) where the leg could not get there."""
    leg = ankle - hip
    length = np.linalg.norm(leg, axis=-1, keepdims=True)
    return hip + leg * (np.clip(length, 0.25 * LEG, LONGEST_REACH) / length)


def arm_joints(shoulder: Array, chest: Array, arm: Array, side: str) -> tuple[Array, Array]:
    """Elbow and wrist, (T, 3) each, of an arm held at the angles `arm` (T, 4); see `Limbs`."""
    flexion, abduction, twist, bend = arm.T
    zero = np.zeros_like(flexion)
    out = SIDES[side] * np.sin(abduction)
    upper = np.stack([out, -np.cos(abduction) * np.cos(flexion), np.cos(abduction) * np.sin(flexion)], -1)
    front = np.stack([zero, np.sin(flexion), np.cos(flexion)], -1)
    outward = -SIDES[side] * np.cross(upper, front)
    hinge = np.cos(twist)[:, None] * front + np.sin(twist)[:, None] * outward
    fore = np.cos(bend)[:, None] * upper + np.sin(bend)[:, None] * hinge
    elbow = shoulder + UPPER_ARM * np.einsum("tij,tj->ti", chest, upper)
    return elbow, elbow + FOREARM * np.einsum("tij,tj->ti", chest, fore)


def pose_joints(torso: Torso, limbs: dict[str, Limbs], lateral: dict[str, Array]) -> Array:
    """The 22 joints in HumanML3D order, (T, 22, 3) metres, every bone of constant length.

    Args:
        torso: the pelvis and the rotations of the trunk.
        limbs: "left" and "right".
        lateral: per side, (T, 3) unit vectors to the left of that foot; the knee bends across them.
    """
    place: dict[str, Array] = {"pelvis": torso.pelvis}
    rotation, at = torso.pelvis_rotation, torso.pelvis
    for number, offset in enumerate(SPINE, start=1):
        at = at + rotation @ offset
        place[f"spine{number}"] = at
        rotation = rotation @ torso.spine_step
    place["neck"] = at + rotation @ NECK
    place["head"] = place["neck"] + rotation @ torso.head_step @ HEAD
    for side, limb in limbs.items():
        hip = torso.hip(side)
        place[f"{side}_hip"], place[f"{side}_ankle"], place[f"{side}_foot"] = hip, limb.ankle, limb.toe
        place[f"{side}_knee"] = knee_of(hip, limb.ankle, lateral[side])
        collar = at + rotation @ mirrored(COLLAR, side)
        shoulder = collar + np.einsum("tij,tj->ti", rotation, _shrugged(limb.arm, side))
        place[f"{side}_collar"], place[f"{side}_shoulder"] = collar, shoulder
        place[f"{side}_elbow"], place[f"{side}_wrist"] = arm_joints(shoulder, rotation, limb.arm, side)
    return np.stack([place[name] for name in HUMANML3D.joint_names], axis=1)


def _shrugged(arm: Array, side: str) -> Array:
    """The collar-to-shoulder offset (T, 3), turned up by as much as a raised arm lifts its shoulder."""
    raised = (1.0 - np.cos(arm[:, 0]) * np.cos(arm[:, 1])) / 2
    angle = SIDES[side] * 0.6 * raised
    x, y, z = mirrored(SHOULDER, side)
    return np.stack(
        [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle), z + 0 * angle], -1
    )
