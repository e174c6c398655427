"""Positions and velocities that agree.

Features say twice where a joint goes: by its position in every frame, and by how far it moves to the next. A network says the two with
errors of their own, and those of neighbouring frames have little to do with each other: read by positions alone, as the field does, a
body trembles. Here each joint takes the path that fits both best. Where they agree, as in every real motion, nothing changes.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from mate_hf.data import rotations
from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_features import heading_and_path, out_of_heading, recover
from mate_hf.generation.places import write_places

TRUST = 3.0
"""Of a step against a position: squared errors of steps are weighed so much."""

FIXED = 1e9
"""Weight of a position that is given."""

Array = NDArray[np.floating]


def agreed(
    features: NDArray[np.float32], kind: MotionKind, given: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Features (T,width), not normalised, with joint positions, root height and joint velocities brought into agreement.

    Minimizes, over the places p of each joint in the world, sum_t w_t |p_t - position_t|^2 + TRUST sum_t |p_(t+1) - p_t - velocity_t|^2.
    Heading and path stay as the root's own channels say.

    Args:
        given: (T,width), True on what stays as it is.
    """
    if len(features) < 2:
        return features
    given = np.zeros(features.shape, dtype=bool) if given is None else given
    raw = torch.from_numpy(features).double()
    half_turns, path = heading_and_path(raw, kind)
    turned = out_of_heading(half_turns).unsqueeze(-2)
    joints = recover(raw, kind)
    velocities = raw[:, kind.feature_slices["joint_velocities"]].unflatten(-1, (kind.joints, 3))
    steps = rotations.rotate(turned, velocities)[:-1]
    places = torch.from_numpy(_fitted(joints.numpy(), steps.numpy(), _weights(given, kind)))
    # The path is the root's own.
    places[:, 0, [0, 2]] = joints[:, 0, [0, 2]]
    found = raw.clone()
    write_places(found, places, path, turned, kind)
    result: NDArray[np.float32] = np.where(given, features, found.numpy().astype(np.float32))
    return result


def _weights(given: NDArray[np.bool_], kind: MotionKind) -> Array:
    """Of each joint's position in each frame (T,J)."""
    fixed = np.empty((len(given), kind.joints), dtype=bool)
    fixed[:, :1] = given[:, kind.feature_slices["root_height"]]
    fixed[:, 1:] = given[:, kind.feature_slices["joint_positions"]].reshape(len(given), -1, 3).all(-1)
    return np.where(fixed, FIXED, 1.0)


def _fitted(joints: Array, steps: Array, weights: Array) -> Array:
    """Places (T,J,3) that fit positions (T,J,3) and steps (T-1,J,3) best: a tridiagonal system a joint."""
    wanted = weights[..., None] * joints
    wanted[1:] += TRUST * steps
    wanted[:-1] -= TRUST * steps
    found = np.empty_like(joints)
    patterns, of_joint = np.unique(weights, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        chosen = np.flatnonzero(of_joint.reshape(-1) == number)
        band = np.zeros((2, len(joints)))
        band[0] = patterns[:, number] + 2 * TRUST
        band[0, [0, -1]] -= TRUST
        band[1, :-1] = -TRUST
        solved = solveh_banded(band, wanted[:, chosen].reshape(len(joints), -1), lower=True)
        found[:, chosen] = solved.reshape(len(joints), len(chosen), 3)
    return found
