"""A body that stands on the ground and raises one arm, by a formula, and the same seen in a mirror."""

from __future__ import annotations

import numpy as np

from mate_hf.data.kinds import HUMANML3D
from mate_hf.motion_files.reading import Motion
from tests.data.walking_body import BONES


def raising(side: str = "left", frames: int = 40, to: float = 0.9 * np.pi) -> np.ndarray:
    """Joints (frames, 22, 3), metres, facing +z with its left at +x; the arm goes up sideways from where it hangs."""
    joints = np.zeros((frames, 22, 3))
    angles = np.linspace(0, to, frames)
    sign = 1 if side == "left" else -1
    for joint, name in enumerate(HUMANML3D.joint_names[1:], start=1):
        x, y, z = BONES[name]
        bone = np.repeat([[x, y, z]], frames, 0)
        if name in (f"{side}_elbow", f"{side}_wrist"):
            bone = np.stack(
                [
                    x * np.cos(angles) - sign * y * np.sin(angles),
                    y * np.cos(angles) + sign * x * np.sin(angles),
                    np.full(frames, z),
                ],
                -1,
            )
        joints[:, joint] = joints[:, HUMANML3D.parents[joint]] + bone
    joints[..., 1] -= joints[..., 1].min()
    return joints


def motion(joints: np.ndarray, fps: float = 20.0) -> Motion:
    """As it would have been read."""
    return Motion(joints, HUMANML3D, fps)


def turned(joints: np.ndarray, angle: float) -> np.ndarray:
    """About y, from +z towards +x."""
    x, y, z = np.moveaxis(joints, -1, 0)
    return np.stack([x * np.cos(angle) + z * np.sin(angle), y, z * np.cos(angle) - x * np.sin(angle)], -1)
