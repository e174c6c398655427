"""Motions for tests of animation files, and what to compare with: forward kinematics by matrices, mirror images."""

from __future__ import annotations

from functools import cache

import numpy as np

from mate_hf.data.kinds import HUMANML3D, MotionKind
from mate_hf.data.synthetic import draw_timeline, perform
from mate_hf.data.synthetic.splits import assign, scenario_of


@cache
def acted(number: int) -> np.ndarray:
    """A motion of the synthetic corpus, (T, 22, 3) float64 metres, in which nobody may write."""
    rng = np.random.default_rng(number)
    part = list(assign(20, 0))[number]
    joints = perform(draw_timeline(scenario_of(part, 0), rng), rng).astype(np.float64)
    joints.setflags(write=False)
    return joints


def random_body(kind: MotionKind, frames: int, seed: int) -> np.ndarray:
    """Joints (frames, J, 3) of bones of random lengths and directions, each joint turned anyhow in every frame."""
    rng = np.random.default_rng(seed)
    offsets = rng.uniform(-0.5, 0.5, (kind.joints, 3))
    turned = random_rotations(rng, frames * kind.joints).reshape(frames, kind.joints, 3, 3)
    joints = np.zeros((frames, kind.joints, 3))
    joints[:, 0] = rng.uniform(-2, 2, (frames, 3))
    for joint, parent in enumerate(kind.parents[1:], start=1):
        joints[:, joint] = joints[:, parent] + turned[:, parent] @ offsets[joint]
    return joints


def random_rotations(rng: np.random.Generator, count: int) -> np.ndarray:
    """Matrices (count, 3, 3)."""
    q, r = np.linalg.qr(rng.normal(size=(count, 3, 3)))
    q *= np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None]
    q[:, :, 0] *= np.linalg.det(q)[:, None]
    return q


def other_side(kind: MotionKind = HUMANML3D) -> list[int]:
    """Of each joint the one on the other side of the body."""
    names = {"left": "right", "right": "left"}
    swapped = ("_".join(names.get(word, word) for word in name.split("_")) for name in kind.joint_names)
    return [kind.joint(name) for name in swapped]


def mirrored(joints: np.ndarray) -> np.ndarray:
    """The same motion in a mirror: left is right."""
    return joints[:, other_side()] * [-1.0, 1.0, 1.0]


def about_y(angle: np.ndarray) -> np.ndarray:
    """Matrices (T, 3, 3) for angles (T) in radians."""
    cos, sin, zero, one = np.cos(angle), np.sin(angle), 0 * angle, 0 * angle + 1
    return np.stack([cos, zero, sin, zero, one, zero, -sin, zero, cos], -1).reshape(-1, 3, 3)


def facing_angle(joints: np.ndarray, kind: MotionKind = HUMANML3D) -> np.ndarray:
    """Radians (T) from +z towards +x: where hips and shoulders together look."""
    right_hip, left_hip, right_shoulder, left_shoulder = np.moveaxis(joints[:, kind.face_joints], 1, 0)
    across = left_hip - right_hip + left_shoulder - right_shoulder
    return np.arctan2(-across[:, 2], across[:, 0])


def apart(first: np.ndarray, second: np.ndarray) -> float:
    """The most that two angles lie apart, degrees."""
    return float(np.degrees(np.abs((first - second + np.pi) % (2 * np.pi) - np.pi)).max())
