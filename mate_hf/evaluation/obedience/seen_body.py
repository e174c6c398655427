"""A motion as its own body feels it: where it faces, what lies to its left, where its limbs are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind, kind_of_joints
from mate_hf.errors import MateError

Array = NDArray[np.float64]

FEWEST_FRAMES = 5
"""Fewer show no movement that could be told from noise."""

SIDES = ("left", "right")


@dataclass(frozen=True)
class SeenBody:
    """Joints and what follows from them; see `see`.

    Attributes:
        joints: (T, J, 3) metres, y up.
        fps: frames per second.
        kind: the skeleton.
    """

    joints: Array
    fps: float
    kind: MotionKind

    @cached_property
    def left(self) -> Array:
        """(T, 3) horizontal unit vectors to the body's left: hips and shoulders together."""
        right_hip, left_hip, right_shoulder, left_shoulder = (
            self.joints[:, j] for j in self.kind.face_joints
        )
        across = (left_hip - right_hip + left_shoulder - right_shoulder) * (1.0, 0.0, 1.0)
        return across / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-9)

    @property
    def ahead(self) -> Array:
        """(T, 3) horizontal unit vectors to where the body faces."""
        return np.stack([-self.left[:, 2], np.zeros(len(self.left)), self.left[:, 0]], -1)

    @cached_property
    def heading(self) -> Array:
        """(T,) radians, continuous: 0 where the body faces +z, growing as it turns to the left."""
        return np.unwrap(np.arctan2(-self.left[:, 2], self.left[:, 0]))

    @property
    def root(self) -> Array:
        """(T, 3) metres."""
        return self.joints[:, 0]

    def joint(self, name: str) -> Array:
        """(T, 3) metres, in the world."""
        return self.joints[:, self.kind.joint(name)]

    def own(self, name: str, seen_from: str = "pelvis") -> Array:
        """(T, 3) metres to the left, up and ahead of another joint: a joint in the body's own frame."""
        away = self.joint(name) - self.joint(seen_from)
        return np.stack([(away * self.left).sum(-1), away[:, 1], (away * self.ahead).sum(-1)], -1)

    @cached_property
    def soles(self) -> Array:
        """(T, 2) metres: height of the lower joint of the left and of the right foot above the clip's lowest joint."""
        feet = (self.kind.left_foot, self.kind.right_foot)
        floor = self.joints[..., 1].min()
        return np.stack([self.joints[:, list(foot), 1].min(1) - floor for foot in feet], -1)


def see(joints: NDArray[Any], fps: float, where: str = "joints") -> SeenBody:
    """Look at a motion.

    Args:
        joints: (T, 22, 3) of HumanML3D's or (T, 21, 3) of KIT-ML's skeleton, metres, y up.
        fps: frames per second.
        where: what it is, the first words of an error.

    Raises:
        MateError: another shape, fewer than 5 frames, a number that is not finite, or no frame rate.
    """
    joints = np.asarray(joints, dtype=np.float64)
    if joints.ndim != 3 or joints.shape[-1] != 3:
        raise MateError(f"{where}: an array of shape {joints.shape}; expected (frames, joints, 3).")
    kind = kind_of_joints(joints.shape[1], where)
    if len(joints) < FEWEST_FRAMES:
        raise MateError(f"{where}: {len(joints)} frames; what a body does shows in {FEWEST_FRAMES} or more.")
    if not np.isfinite(joints).all():
        raise MateError(f"{where}: some numbers are NaN or infinite; no body is there.")
    if not 0 < fps < np.inf:
        raise MateError(f"{where}: {fps:g} frames per second; expected a number above 0.")
    return SeenBody(joints, float(fps), kind)
