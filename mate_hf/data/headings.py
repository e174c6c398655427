"""Which way a body faces, and that direction smoothed over time as in HumanML3D's features."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.data import rotations
from mate_hf.data.kinds import MotionKind

SMOOTHING_FRAMES = 20.0
"""Standard deviation of the Gaussian over the facing direction, in frames whatever the frame rate."""

SMOOTHING_REACH = 4.0
"""The Gaussian is cut at this many standard deviations."""


def facing(x: Tensor, kind: MotionKind) -> Tensor:
    """Joints (..., J, 3) -> horizontal direction (..., 3): up x (right - left), hips and shoulders summed."""
    right_hip, left_hip, right_shoulder, left_shoulder = kind.face_joints
    across = x[..., right_hip, :] - x[..., left_hip, :] + x[..., right_shoulder, :] - x[..., left_shoulder, :]
    return _forward(across)


def smoothed_heading(x: Tensor, kind: MotionKind) -> Tensor:
    """Canonical joints (..., T, J, 3) -> rotations (..., T, 4) about y that turn each body to face +z.

    The first frame's is the identity.
    """
    right_hip, left_hip, right_shoulder, left_shoulder = kind.face_joints
    # HumanML3D's inverse kinematics reads the hips the wrong way round: its heading is shoulders minus hips.
    # Every published file is made so; the shoulders are wider, which keeps the sign.
    across = x[..., left_hip, :] - x[..., right_hip, :] + x[..., right_shoulder, :] - x[..., left_shoulder, :]
    forward = _smoothed(_forward(across))
    rotation = rotations.between(forward, x.new_tensor([0.0, 0.0, 1.0]))
    start = torch.zeros_like(rotation[..., :1, :])
    start[..., 0] = 1.0
    return torch.cat((start, rotation[..., 1:, :]), dim=-2)


def _forward(across: Tensor) -> Tensor:
    across = F.normalize(across, dim=-1)
    return torch.stack((across[..., 2], torch.zeros_like(across[..., 0]), -across[..., 0]), dim=-1)


def _smoothed(x: Tensor) -> Tensor:
    """Gaussian over the frames of (..., T, 3), the ends repeated outwards."""
    reach = int(SMOOTHING_REACH * SMOOTHING_FRAMES + 0.5)
    place = torch.arange(-reach, reach + 1, dtype=x.dtype, device=x.device)
    weights = torch.softmax(-0.5 * (place / SMOOTHING_FRAMES) ** 2, dim=0)
    rows = x.transpose(-1, -2).reshape(-1, 1, x.shape[-2])
    rows = F.conv1d(F.pad(rows, (reach, reach), mode="replicate"), weights[None, None])
    return rows.reshape(*x.shape[:-2], 3, -1).transpose(-1, -2)
