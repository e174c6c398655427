"""Joint positions to the HumanML3D features and back: (T,22,3) <-> (T,263); for KIT (T,21,3) <-> (T,251).

The definition is Guo et al. 2022, "Generating Diverse and Natural 3D Human Motions from Text" (appendix),
with the details of the code that made the published files:

| group | width | content |
|---|---|---|
| root_rotation_velocity | 1 | half the turn of the heading to the next frame, radians |
| root_linear_velocity | 2 | root displacement to the next frame, x and z, seen from that frame's heading |
| root_height | 1 | y of the root |
| joint_positions | 3 (J-1) | x and z relative to the root, seen from the heading; y above the floor |
| joint_rotations | 6 (J-1) | local rotation of each bone against its rest direction, two matrix columns |
| joint_velocities | 3 J | displacement of each joint to the next frame, seen from this frame's heading |
| contacts | 4 | 1 where left ankle, left toe, right ankle, right toe stand still |

Lengths keep the unit of the corpus: metres for HumanML3D, millimetres for KIT-ML.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from mate_hf.data import rotations
from mate_hf.data.headings import facing, smoothed_heading
from mate_hf.data.kinds import MotionKind
from mate_hf.errors import MateError

Motion = TypeVar("Motion", np.ndarray, Tensor)


def joints_to_features(
    joints: Motion, kind: MotionKind, *, legacy_sign: bool = False, canonical: bool = False
) -> Motion:
    """Joint positions (..., T, J, 3), y up -> features (..., T-1, width); the last frame has no velocity.

    Computed in float64, returned in the dtype, the library and on the device of `joints`. Bone lengths are
    left as they are.

    Args:
        joints: positions in the unit and frame rate of `kind`; left is +x when the body faces +z.
        kind: the skeleton.
        legacy_sign: reproduce the published HumanML3D files, in which the rotation velocity changes its sign
            for one frame whenever the heading passes 180 degrees from the first one's; `recover`
            then leaves the path. By default the sign is right everywhere.
        canonical: the joints are canonical already (`canonicalise`); take them as they are.

    Raises:
        MateError: another shape, fewer than two frames, or a number that is not finite.
    """
    x = _checked(joints, (kind.joints, 3), f"joints of kind {kind.name}")
    if x.shape[-3] < 2:
        raise MateError(f"{x.shape[-3]} frames of joints; features hold velocities and need at least 2.")
    if not canonical:
        x = _canonical(x, kind)
    heading = smoothed_heading(x, kind)
    now, following = heading[..., :-1, :], heading[..., 1:, :]
    root, steps = x[..., 0, :], x.diff(dim=-3)

    turn = rotations.multiply(following, rotations.conjugate(now))
    if not legacy_sign:
        turn = torch.where(turn[..., :1] < 0, -turn, turn)
    local = x - root.unsqueeze(-2) * x.new_tensor([1.0, 0.0, 1.0])

    groups = {
        "root_rotation_velocity": turn[..., 2:3].clamp(-1.0, 1.0).asin(),
        "root_linear_velocity": rotations.rotate(following, steps[..., 0, :])[..., [0, 2]],
        "root_height": root[..., :-1, 1:2],
        "joint_positions": rotations.rotate(heading.unsqueeze(-2), local)[..., :-1, 1:, :].flatten(-2),
        "joint_rotations": _joint_rotations(x, heading, kind)[..., :-1, :, :].flatten(-2),
        "joint_velocities": rotations.rotate(now.unsqueeze(-2), steps).flatten(-2),
        "contacts": _contacts(steps, kind),
    }
    return _returned(torch.cat([groups[name] for name in kind.feature_slices], dim=-1), joints)


def recover(features: Motion, kind: MotionKind) -> Motion:
    """Features (..., T, width), not normalised -> joint positions (..., T, J, 3).

    The field's `recover_from_ric`: heading and path are the running sums of the root's velocities, the body
    comes from `joint_positions`. Starts at x = z = 0 facing +z.

    Raises:
        MateError: another width or a number that is not finite.
    """
    x = _checked(features, (kind.width,), f"features of kind {kind.name}")
    group = {name: x[..., place] for name, place in kind.feature_slices.items()}
    half_turns, path = heading_and_path(x, kind)
    heading = out_of_heading(half_turns)
    body = group["joint_positions"].unflatten(-1, (kind.joints - 1, 3))
    body = rotations.rotate(heading.unsqueeze(-2), body) + path.unsqueeze(-2)
    root = torch.stack((path[..., 0], group["root_height"].squeeze(-1), path[..., 2]), dim=-1)
    return _returned(torch.cat((root.unsqueeze(-2), body), dim=-2), features)


def heading_and_path(features: Tensor, kind: MotionKind) -> tuple[Tensor, Tensor]:
    """Half the heading (..., T), radians, and the path of the root (..., T, 3), its y 0, of features (..., T, width)."""
    half_turns = _running_sum(features[..., kind.feature_slices["root_rotation_velocity"]]).squeeze(-1)
    step_x, step_z = features[..., kind.feature_slices["root_linear_velocity"]].unbind(-1)
    steps = torch.stack((step_x, torch.zeros_like(step_x), step_z), dim=-1)
    # A step is seen from the heading it leads to, so the first heading has no step.
    ahead = out_of_heading(half_turns).roll(-1, dims=-2)
    return half_turns, _running_sum(rotations.rotate(ahead, steps))


def out_of_heading(half_turns: Tensor) -> Tensor:
    """What turns a vector that is seen from a heading, half of it (...) radians, into the world: quaternions (..., 4)."""
    return rotations.conjugate(rotations.about_y(half_turns))


def steps_of_joints(features: Motion, kind: MotionKind) -> Motion:
    """How joints move to the next frame, seen from their own, where features (..., T, width) put them: (..., T-1, 3 J), what
    `joint_velocities` of features of one motion are.

    Raises:
        MateError: see `recover`.
    """
    x = _checked(features, (kind.width,), f"features of kind {kind.name}")
    inward = rotations.conjugate(out_of_heading(heading_and_path(x, kind)[0]))
    steps = recover(x, kind).diff(dim=-3)
    return _returned(rotations.rotate(inward[..., :-1, None, :], steps).flatten(-2), features)


def canonicalise(joints: Motion, kind: MotionKind) -> Motion:
    """Joints (..., T, J, 3) moved and turned as a whole.

    The lowest joint of the clip stands at y = 0; in the first frame the root is at x = z = 0 and the body
    (hips and shoulders together) faces +z.

    Raises:
        MateError: another shape, no frame, or a number that is not finite.
    """
    x = _checked(joints, (kind.joints, 3), f"joints of kind {kind.name}")
    return _returned(_canonical(x, kind), joints)


def _canonical(x: Tensor, kind: MotionKind) -> Tensor:
    first_root = x[..., :1, :1, :]
    floor = x[..., 1].amin(dim=(-2, -1))[..., None, None]
    origin = torch.stack((first_root[..., 0], floor, first_root[..., 2]), dim=-1)
    ahead = x.new_tensor([0.0, 0.0, 1.0])
    turn = rotations.between(facing(x[..., 0, :, :], kind), ahead)
    return rotations.rotate(turn[..., None, None, :], x - origin)


def _joint_rotations(x: Tensor, heading: Tensor, kind: MotionKind) -> Tensor:
    """Inverse kinematics: each bone's rotation against the bone before it in its chain, (..., T, J-1, 6).

    The first bone of every chain is relative to the heading, also in the arms, which start at the chest.
    """
    parents, before = kind.parents[1:], kind.bone_before[1:]
    rest = x.new_tensor(kind.rest_directions)[1:]
    bones = rotations.between(rest, x[..., 1:, :] - x[..., parents, :])
    oriented = torch.cat((heading.unsqueeze(-2), bones), dim=-2)
    return rotations.to_6d(rotations.multiply(rotations.conjugate(oriented[..., before, :]), bones))


def _contacts(steps: Tensor, kind: MotionKind) -> Tensor:
    moved = steps[..., (*kind.left_foot, *kind.right_foot), :].square().sum(-1)
    return (moved < kind.contact_threshold).to(steps.dtype)


def _running_sum(steps: Tensor) -> Tensor:
    """Sum over the frames before each frame, (..., T, n): the first is zero, the last step goes nowhere."""
    return torch.cat((torch.zeros_like(steps[..., :1, :]), steps[..., :-1, :].cumsum(-2)), dim=-2)


def _checked(array: Motion, tail: tuple[int, ...], what: str) -> Tensor:
    tensor = torch.as_tensor(array)
    if tensor.ndim <= len(tail) or tuple(tensor.shape[-len(tail) :]) != tail:
        expected = ", ".join(map(str, ("...", "frames", *tail)))
        raise MateError(f"{what}: an array of shape {tuple(tensor.shape)}; expected ({expected}).")
    if tensor.shape[-1 - len(tail)] == 0:
        raise MateError(f"{what}: no frames.")
    if not torch.isfinite(tensor).all():
        raise MateError(f"{what}: some numbers are NaN or infinite. Leave such frames out.")
    return tensor.double()


def _returned(result: Tensor, like: Motion) -> Motion:
    if isinstance(like, Tensor):
        return result.to(like.dtype if like.is_floating_point() else torch.float32)
    return result.numpy().astype(like.dtype if like.dtype.kind == "f" else np.float32, copy=False)
