"""Joints in the world, put into features again."""

from __future__ import annotations

from torch import Tensor

from mate_hf.data import rotations
from mate_hf.data.kinds import MotionKind


def write_path(features: Tensor, path: Tensor, turned: Tensor, kind: MotionKind) -> None:
    """Put the root's travel along a path (T,3) into features (T,width); a step is seen from the heading that it leads to."""
    steps = rotations.rotate(rotations.conjugate(turned[1:, 0]), path.diff(dim=0))
    features[:-1, kind.feature_slices["root_linear_velocity"]] = steps[:, [0, 2]]


def write_places(features: Tensor, places: Tensor, path: Tensor, turned: Tensor, kind: MotionKind) -> None:
    """Put places (T,J,3) of joints in the world into features (T,width), not normalised: positions, root height and velocities.

    Args:
        path: of the root (T,3), as the features' own channels say it or as `write_path` wrote it.
        turned: out of each frame's heading (T,1,4), see `out_of_heading`.
    """
    back = rotations.conjugate(turned)
    body = rotations.rotate(back, places[:, 1:] - path.unsqueeze(-2))
    features[:, kind.feature_slices["joint_positions"]] = body.flatten(-2)
    features[:, kind.feature_slices["root_height"]] = places[:, 0, 1:2]
    velocities = rotations.rotate(back[:-1], places.diff(dim=0))
    # The last frame's step leads beyond the motion.
    features[:-1, kind.feature_slices["joint_velocities"]] = velocities.flatten(-2)
