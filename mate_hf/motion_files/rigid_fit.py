"""Bones that hang on one joint turn with it as a whole: their common shape, and how it is turned in each frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]

LEANING = 1e-9
"""Weight of the guess beside the bones: it decides alone about what they leave open, such as turns about one line."""


def turned_onto(shape: Array, bones: Array, weights: Array, guess: Rotation) -> Rotation:
    """Rotations (T) that bring `shape` (B, 3) nearest to `bones` (T, B, 3), in the least squares of Kabsch.

    Args:
        weights: (B), of the bones.
        guess: (T) rotations to take where the bones say nothing.
    """
    spread = np.einsum("tbi,b,bj->tij", bones, weights, shape)
    size = np.linalg.norm(spread, axis=(1, 2))
    spread += (LEANING * size + np.finfo(float).tiny)[:, None, None] * guess.as_matrix()
    left, _, right = np.linalg.svd(spread)
    proper = np.ones((len(bones), 1, 3))
    # A mirror image would fit as well; the weakest direction is turned over to leave a rotation.
    proper[:, 0, 2] = np.sign(np.linalg.det(left @ right))
    return Rotation.from_matrix((left * proper) @ right)


def common_shape(bones: Array, lengths: Array, weights: Array, guess: Rotation) -> Array:
    """The shape (B, 3) that `bones` (T, B, 3) have in common, each of its length (B), turned in any way."""
    # The first frame's shape turns the others to lie alike; a second round by what comes of it has changed nothing measurable.
    alike = turned_onto(bones[0], bones, weights, guess).inv()
    shape = np.stack([alike.apply(bones[:, bone]).mean(0) for bone in range(len(lengths))])
    scale: Array = lengths / np.maximum(np.linalg.norm(shape, axis=-1), 1e-12)
    return shape * scale[:, None]
