"""Rotations as three angles, as BVH wants them, that do not jump from a frame to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LOCKED = 1e-6
"""Cosine of the middle angle under which the outer two turn about the same axis, and only their sum is known."""


def steady_angles(matrices: Array) -> Array:
    """Rotations (T, ..., 3, 3) as radians (T, ..., 3) about z, x and y: `Rz @ Rx @ Ry`.

    Of all angles that say the same rotation those that lie nearest to the frame before.
    """
    angles = np.empty(matrices.shape[:-1])
    before = np.zeros(matrices.shape[1:-1])
    for frame, matrix in enumerate(matrices):
        first = _angles(matrix, before)
        # The same rotation with the middle angle beyond a right one.
        second = first * [1.0, -1.0, 1.0] + np.pi
        first, second = _nearest(first, before), _nearest(second, before)
        nearer = np.abs(first - before).sum(-1) <= np.abs(second - before).sum(-1)
        before = angles[frame] = np.where(nearer[..., None], first, second)
    return angles


def _angles(matrix: Array, before: Array) -> Array:
    sine = np.clip(matrix[..., 2, 1], -1.0, 1.0)
    z = np.arctan2(-matrix[..., 0, 1], matrix[..., 1, 1])
    y = np.arctan2(-matrix[..., 2, 0], matrix[..., 2, 2])
    both = np.arctan2(matrix[..., 1, 0], matrix[..., 0, 0])
    locked = np.hypot(matrix[..., 2, 0], matrix[..., 2, 2]) < LOCKED
    y = np.where(locked, before[..., 2], y)
    z = np.where(locked, both - np.sign(sine) * y, z)
    return np.stack([z, np.arcsin(sine), y], axis=-1)


def _nearest(angles: Array, before: Array) -> Array:
    """The same angles, whole turns added, within half a turn of those before."""
    return angles - 2 * np.pi * np.round((angles - before) / (2 * np.pi))
