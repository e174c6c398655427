"""A skeleton with bones of fixed length, and its animation: a path of the root and a rotation a joint and frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Skeleton:
    """A body at rest: a T-pose, y up, facing +z with its left at +x.

    Attributes:
        names: of the joints; the first is the root.
        parents: of each joint the one it hangs on, which comes before it; -1 for the root.
        offsets: (J, 3) metres, each joint seen from its parent; 0 for the root.
        ends: (J, 3) metres, how far a body goes on behind a joint on which none hangs; 0 for all others.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: Array
    ends: Array

    def children(self, joint: int) -> list[int]:
        """The joints that hang on it."""
        return [child for child, parent in enumerate(self.parents) if parent == joint]

    @cached_property
    def places(self) -> Array:
        """Joints at rest, (J, 3) metres, the lowest end of the body at y = 0 and the root at x = z = 0."""
        places = self.offsets.copy()
        for joint, parent in enumerate(self.parents[1:], start=1):
            places[joint] += places[parent]
        places[:, 1] -= (places + self.ends)[:, 1].min()
        return places


@dataclass(frozen=True)
class Animation:
    """A skeleton that moves.

    Attributes:
        skeleton: at rest.
        root: (T, 3) metres, where the root is.
        rotations: (T, J, 4) unit quaternions w, x, y, z: of each joint against its parent, of the root against the world.
            From a frame to the next a quaternion never changes to the other one of the same rotation.
    """

    skeleton: Skeleton
    root: Array
    rotations: Array

    def positions(self) -> Array:
        """Where the joints are, (T, J, 3) metres: forward kinematics."""
        places = np.empty((*self.rotations.shape[:2], 3))
        places[:, 0] = self.root
        turned = [self.rotation(0)]
        for joint, parent in enumerate(self.skeleton.parents[1:], start=1):
            turned.append(turned[parent] * self.rotation(joint))
            places[:, joint] = places[:, parent] + turned[parent].apply(self.skeleton.offsets[joint])
        return places

    def rotation(self, joint: int) -> Rotation:
        """Of one joint against its parent, all frames."""
        return from_quaternions(self.rotations[:, joint])


def from_quaternions(quaternions: Array) -> Rotation:
    """Of unit quaternions w, x, y, z (T, 4)."""
    return Rotation.from_quat(quaternions[..., [1, 2, 3, 0]])


def steady_quaternions(rotation: Rotation) -> Array:
    """Unit quaternions w, x, y, z (T, 4), each the one of its two that lies nearer to the frame before."""
    quaternions = rotation.as_quat()[:, [3, 0, 1, 2]]
    quaternions[0] *= -1 if quaternions[0, 0] < 0 else 1
    turned_over = (quaternions[1:] * quaternions[:-1]).sum(-1) < 0
    quaternions[1:] *= np.cumprod(np.where(turned_over, -1.0, 1.0))[:, None]
    return quaternions
