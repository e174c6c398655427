"""A body with stiff bones that walks ahead and turns, by a formula: what a motion capture system could have written."""

from __future__ import annotations

import numpy as np

from mate_hf.data.kinds import HUMANML3D

BONES = {
    "left_hip": (0.06, -0.09, 0.0), "right_hip": (-0.06, -0.09, 0.0), "spine1": (0.0, 0.12, -0.02),
    "left_knee": (0.0, -0.39, 0.0), "right_knee": (0.0, -0.39, 0.0), "spine2": (0.0, 0.14, 0.02),
    "left_ankle": (0.0, -0.42, 0.0), "right_ankle": (0.0, -0.42, 0.0), "spine3": (0.0, 0.06, 0.0),
    "left_foot": (0.0, -0.05, 0.13), "right_foot": (0.0, -0.05, 0.13), "neck": (0.0, 0.22, -0.02),
    "left_collar": (0.07, 0.11, 0.0), "right_collar": (-0.07, 0.11, 0.0), "head": (0.0, 0.08, 0.06),
    "left_shoulder": (0.12, -0.03, 0.0), "right_shoulder": (-0.12, -0.03, 0.0),
    "left_elbow": (0.0, -0.26, 0.0), "right_elbow": (0.0, -0.26, 0.0),
    "left_wrist": (0.0, -0.25, 0.05), "right_wrist": (0.0, -0.25, 0.05),
}  # fmt: skip
"""Of each joint its place seen from the joint before, metres, of a body that stands and faces +z with its left at +x."""

SWINGS = {"left_knee": 0.4, "right_knee": -0.4, "left_elbow": -0.5, "right_elbow": 0.5}
"""Limbs swing from these joints' bones on, by so many radians."""


def walking(frames: int = 80, seed: int = 0, fps: float = 20.0, turn: float = 0.4) -> np.ndarray:
    """Joints (frames, 22, 3) float32, metres, y up."""
    t = np.arange(frames) / fps
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi)
    joints, angles = np.zeros((frames, 22, 3)), np.zeros((frames, 22))
    for joint, name in enumerate(HUMANML3D.joint_names[1:], start=1):
        parent = HUMANML3D.parents[joint]
        swing = SWINGS.get(name, 0.0) * np.sin(2 * np.pi * 0.9 * t + phase)
        angles[:, joint] = angles[:, parent] + swing
        x, y, z = BONES[name]
        cos, sin = np.cos(angles[:, joint]), np.sin(angles[:, joint])
        joints[:, joint] = joints[:, parent] + np.stack(
            [np.full(frames, x), y * cos - z * sin, y * sin + z * cos], -1
        )
    joints[..., 1] -= joints[..., 1].min(1, keepdims=True)
    yaw = turn * np.sin(0.5 * t + phase)[:, None]
    x = joints[..., 0] * np.cos(yaw) + joints[..., 2] * np.sin(yaw)
    z = joints[..., 2] * np.cos(yaw) - joints[..., 0] * np.sin(yaw) + 0.9 * t[:, None]
    return np.stack([x, joints[..., 1], z], -1).astype(np.float32)
