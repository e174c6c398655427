"""Unit quaternions (w, x, y, z) in torch: the few operations the motion features need.

Every function works on any leading shape, keeps the dtype and device, and is differentiable.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

HALF_TURN = 1e-12
"""Under this length the quaternion between two unit vectors says nothing: they are opposite."""


def conjugate(q: Tensor) -> Tensor:
    """The inverse of a unit quaternion (..., 4)."""
    return q * q.new_tensor([1.0, -1.0, -1.0, -1.0])


def multiply(q: Tensor, r: Tensor) -> Tensor:
    """Hamilton product: (..., 4) x (..., 4) -> (..., 4), the rotation `r` followed by `q`."""
    w, x, y, z = q.unbind(-1)
    rw, rx, ry, rz = r.unbind(-1)
    return torch.stack(
        (
            w * rw - x * rx - y * ry - z * rz,
            w * rx + x * rw + y * rz - z * ry,
            w * ry - x * rz + y * rw + z * rx,
            w * rz + x * ry - y * rx + z * rw,
        ),
        dim=-1,
    )


def rotate(q: Tensor, v: Tensor) -> Tensor:
    """Turn vectors (..., 3) by unit quaternions (..., 4); leading shapes broadcast."""
    axis, v = torch.broadcast_tensors(q[..., 1:], v)
    uv = torch.linalg.cross(axis, v)
    return v + 2 * (q[..., :1] * uv + torch.linalg.cross(axis, uv))


def between(u: Tensor, v: Tensor) -> Tensor:
    """The shortest rotation that turns direction `u` (..., 3) into direction `v` (..., 3), as (..., 4).

    w >= 0. Opposite directions have no shortest rotation: a half turn about the axis perpendicular to `u` and
    to +z (to +x where `u` lies along z) is given. Where either vector is zero the rotation is the identity.
    """
    u, v = torch.broadcast_tensors(F.normalize(u, dim=-1), F.normalize(v, dim=-1))
    dot = (u * v).sum(-1, keepdim=True)
    q = torch.cat((1 + dot, torch.linalg.cross(u, v)), dim=-1)
    q = torch.where(q.norm(dim=-1, keepdim=True) > HALF_TURN, q, _half_turn(u))
    return F.normalize(q, dim=-1)


def about_y(half_angle: Tensor) -> Tensor:
    """Half angles (...) in radians -> rotations by twice as much about the vertical (..., 4)."""
    zero = torch.zeros_like(half_angle)
    return torch.stack((half_angle.cos(), zero, half_angle.sin(), zero), dim=-1)


def to_6d(q: Tensor) -> Tensor:
    """Unit quaternions (..., 4) -> the first two columns of their rotation matrix (..., 6).

    Source: Zhou et al. 2019, "On the Continuity of Rotation Representations in Neural Networks".
    """
    w, x, y, z = q.unbind(-1)
    return torch.stack(
        (
            1 - 2 * (y * y + z * z),
            2 * (x * y + z * w),
            2 * (x * z - y * w),
            2 * (x * y - z * w),
            1 - 2 * (x * x + z * z),
            2 * (y * z + x * w),
        ),
        dim=-1,
    )


def _half_turn(u: Tensor) -> Tensor:
    along_z = u[..., 2:].abs() > 0.9
    other = torch.where(along_z, u.new_tensor([1.0, 0.0, 0.0]), u.new_tensor([0.0, 0.0, 1.0]))
    axis = torch.linalg.cross(u, other.expand_as(u))
    return torch.cat((torch.zeros_like(axis[..., :1]), axis), dim=-1)
