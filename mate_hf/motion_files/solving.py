"""Joint positions to a skeleton with rotations.

- A bone's length is its median over the frames; the root's path is kept as it is.
- Pelvis and chest, on which several bones hang, turn as those do together (`rigid_fit`), so that facing, left and right are
  those of the positions.
- Any other joint turns its bone from rest towards where the next joint is said to be, by the shortest rotation seen from the joint
  before it. So what a bone of one length leaves over is not added up along a limb, and feet stay where they stand.
- Positions do not show how a limb is twisted about its own bone: it is not twisted at all. The twist of the trunk, which pelvis and
  chest show, is shared by the joints between them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mate_hf.data.headings import facing
from mate_hf.data.kinds import MotionKind
from mate_hf.data.rotations import between
from mate_hf.motion_files.rest_pose import rest_directions, rest_ends
from mate_hf.motion_files.rigid_fit import common_shape, turned_onto
from mate_hf.motion_files.skeleton import Animation, Skeleton, from_quaternions, steady_quaternions

Array = NDArray[np.float64]

NO_BONE = 1e-6
"""Metres; two joints nearer to each other show no direction."""

MIDDLE = 0.25
"""Weight of spine, neck and head beside hips and shoulders, which say where a body faces: bodies of some corpora bend between them."""


def solve(joints: Array, kind: MotionKind) -> Animation:
    """The animation of a skeleton whose joints are where they are, as far as bones of one length can be.

    Args:
        joints: (T, J, 3) metres, y up, finite, T > 0.
        kind: whose joints.
    """
    bones = joints - joints[:, np.maximum(kind.parents, 0)]
    lengths = np.median(np.linalg.norm(bones, axis=-1), axis=0)
    rest = rest_directions(kind) * lengths[:, None]
    forks = _fitted_forks(bones, rest, kind, _upright(joints, kind))
    turned: list[Rotation] = []
    places = joints.copy()
    for joint, parent in enumerate(kind.parents):
        if parent >= 0:
            places[:, joint] = places[:, parent] + turned[parent].apply(rest[joint])
        if joint in forks:
            turned.append(forks[joint])
            continue
        untwisted = _untwisted(joint, turned[parent], forks, kind)
        children = _children(joint, kind)
        turned.append(
            _aimed(untwisted, rest[children[0]], joints[:, children[0]] - places[:, joint])
            if children
            else untwisted
        )
    local = [
        turned[parent].inv() * rotation if parent >= 0 else rotation
        for parent, rotation in zip(kind.parents, turned, strict=True)
    ]
    trunk = float(lengths[_line_to_root(kind.joint("head"), kind)].sum())
    skeleton = Skeleton(kind.joint_names, tuple(kind.parents), rest, rest_ends(kind, trunk))
    return Animation(
        skeleton, joints[:, 0], np.stack([steady_quaternions(rotation) for rotation in local], axis=1)
    )


def _fitted_forks(bones: Array, rest: Array, kind: MotionKind, upright: Rotation) -> dict[int, Rotation]:
    """World rotations (T) of the joints on which several bones hang; how these lie at rest is written into `rest`."""
    fitted = {}
    for joint in range(kind.joints):
        hanging = _children(joint, kind)
        if len(hanging) < 2:
            continue
        found, expected = bones[:, hanging], rest[hanging]
        lengths = np.linalg.norm(expected, axis=-1)
        weights = np.array([1.0 if _has_side(child, kind) else MIDDLE for child in hanging])
        shape = common_shape(found, lengths, weights, upright)
        level = turned_onto(shape, expected[None], weights, Rotation.identity(1))[0]
        rest[hanging] = level.apply(shape)
        fitted[joint] = turned_onto(rest[hanging], found, weights, upright)
    return fitted


def _upright(joints: Array, kind: MotionKind) -> Rotation:
    """Turns (T) about the vertical, from facing +z to where the body faces."""
    ahead = facing(torch.tensor(joints), kind).numpy()
    return Rotation.from_rotvec(np.arctan2(ahead[:, :1], ahead[:, 2:]) * [0.0, 1.0, 0.0])


def _untwisted(joint: int, before: Rotation, forks: Mapping[int, Rotation], kind: MotionKind) -> Rotation:
    """World rotations (T) of a joint as far as its own bone does not decide: those of the joint before it, or the share of the
    turn between two forks that falls to it."""
    above = _line_to_root(joint, kind)
    ahead = next((fork for fork in forks if joint in _line_to_root(fork, kind)), None)
    if ahead is None:
        return before
    behind = next(fork for fork in above if fork in forks)
    share = above.index(behind) / _line_to_root(ahead, kind).index(behind)
    between_forks = forks[behind].inv() * forks[ahead]
    return forks[behind] * Rotation.from_rotvec(share * between_forks.as_rotvec())


def _aimed(untwisted: Rotation, rest: Array, bone: Array) -> Rotation:
    """World rotations (T) that turn `rest` (3) onto `bone` (T, 3), the least away from `untwisted`."""
    seen = _held(untwisted.inv().apply(bone))
    swing = between(torch.from_numpy(rest), torch.from_numpy(seen)).numpy()
    return untwisted * from_quaternions(swing)


def _held(bone: Array) -> Array:
    """Bones (T, 3), those that show no direction replaced by the last one that does, or the first."""
    shown = np.linalg.norm(bone, axis=-1) > NO_BONE
    if not shown.any():
        return np.zeros_like(bone)
    last = np.maximum.accumulate(np.where(shown, np.arange(len(bone)), shown.argmax()))
    return bone[last]


def _has_side(joint: int, kind: MotionKind) -> bool:
    return kind.joint_names[joint].startswith(("left_", "right_"))


def _children(joint: int, kind: MotionKind) -> list[int]:
    return [child for child, parent in enumerate(kind.parents) if parent == joint]


def _line_to_root(joint: int, kind: MotionKind) -> list[int]:
    """The joint, the one that it hangs on, and so on."""
    line = [joint]
    while kind.parents[line[-1]] >= 0:
        line.append(kind.parents[line[-1]])
    return line
