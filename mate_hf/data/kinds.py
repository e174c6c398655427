"""What a corpus kind fixes, said once: joints, frame rate, feature layout, length limits.

HumanML3D has 22 SMPL joints at 20 fps and 263 features; KIT-ML has 21 joints at 12.5 fps and 251 features.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from mate_hf.errors import MateError

LONGEST_MOTION = 196
"""Frames a model ever sees: the field pads and crops to this."""

CROP_UNIT = 4
"""Motions are cropped to a multiple of this many frames."""


_HERE, _LEFT, _RIGHT = (0, 0, 0), (1, 0, 0), (-1, 0, 0)
_UP, _DOWN, _AHEAD = (0, 1, 0), (0, -1, 0), (0, 0, 1)


@dataclass(frozen=True)
class MotionKind:
    """One corpus format.

    Attributes:
        name: `humanml3d` or `kit`.
        fps: frames per second.
        joint_names: names in file order; left is +x when the body faces +z.
        chains: kinematic chains from the root, as joint indices.
        rest_directions: for each joint the direction its bone points in when unrotated, seen from the joint
            before it in its chain; joint rotations are measured from there.
        face_joints: right hip, left hip, right shoulder, left shoulder; they give the facing direction.
        left_foot, right_foot: two joint indices of each foot, the hinder one first, for the contact features.
        contact_threshold: squared displacement per frame under which a foot joint counts as planted, in the
            squared unit of the corpus (metres for HumanML3D; KIT-ML files are in millimetres of a body scaled
            to 1 m height, where 0.05 is so small that under 2 % of frames count as contact).
        shortest, longest: a training clip has shortest <= frames < longest.
        metre: a metre in the unit of the corpus.
    """

    name: str
    fps: float
    joint_names: tuple[str, ...]
    chains: tuple[tuple[int, ...], ...]
    rest_directions: tuple[tuple[int, int, int], ...]
    face_joints: tuple[int, int, int, int]
    left_foot: tuple[int, int]
    right_foot: tuple[int, int]
    contact_threshold: float
    shortest: int
    longest: int
    metre: float = 1.0

    def joint(self, name: str) -> int:
        """The number of a joint."""
        return self.joint_names.index(name)

    @property
    def joints(self) -> int:
        return len(self.joint_names)

    @cached_property
    def bone_before(self) -> list[int]:
        """For each joint the one whose bone its rotation is relative to; 0, the root, where chains begin."""
        before = [0] * self.joints
        for chain in self.chains:
            for place in range(2, len(chain)):
                before[chain[place]] = chain[place - 1]
        return before

    @cached_property
    def parents(self) -> list[int]:
        """For each joint the joint it hangs on; -1 for the root."""
        parents = [-1] * self.joints
        for chain in self.chains:
            for parent, child in pairwise(chain):
                parents[child] = parent
        return parents

    @property
    def width(self) -> int:
        """Features a frame: 4 root + 3 (J-1) positions + 6 (J-1) rotations + 3 J velocities + 4 contacts."""
        return self.feature_slices["contacts"].stop

    @cached_property
    def feature_slices(self) -> dict[str, slice]:
        """Where each feature group lies in a frame."""
        J = self.joints
        widths = {
            "root_rotation_velocity": 1,
            "root_linear_velocity": 2,
            "root_height": 1,
            "joint_positions": 3 * (J - 1),
            "joint_rotations": 6 * (J - 1),
            "joint_velocities": 3 * J,
            "contacts": 4,
        }
        slices, start = {}, 0
        for group, width in widths.items():
            slices[group] = slice(start, start + width)
            start += width
        return slices


HUMANML3D = MotionKind(
    name="humanml3d",
    fps=20.0,
    joint_names=(
        "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle",
        "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head",
        "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    ),
    chains=(
        (0, 2, 5, 8, 11),
        (0, 1, 4, 7, 10),
        (0, 3, 6, 9, 12, 15),
        (9, 14, 17, 19, 21),
        (9, 13, 16, 18, 20),
    ),
    rest_directions=(
        _HERE, _LEFT, _RIGHT, _UP, _DOWN, _DOWN, _UP, _DOWN, _DOWN, _UP, _AHEAD,
        _AHEAD, _UP, _LEFT, _RIGHT, _AHEAD, _DOWN, _DOWN, _DOWN, _DOWN, _DOWN, _DOWN,
    ),
    face_joints=(2, 1, 17, 16),
    left_foot=(7, 10),
    right_foot=(8, 11),
    contact_threshold=0.002,
    shortest=40,
    longest=200,
)  # fmt: skip

KIT = MotionKind(
    name="kit",
    fps=12.5,
    joint_names=(
        "pelvis", "spine1", "spine2", "neck", "head", "right_shoulder", "right_elbow", "right_wrist",
        "left_shoulder", "left_elbow", "left_wrist", "right_hip", "right_knee", "right_ankle",
        "right_heel", "right_foot", "left_hip", "left_knee", "left_ankle", "left_heel", "left_foot",
    ),
    chains=(
        (0, 11, 12, 13, 14, 15),
        (0, 16, 17, 18, 19, 20),
        (0, 1, 2, 3, 4),
        (3, 5, 6, 7),
        (3, 8, 9, 10),
    ),
    # The hips and shoulders rest on the wrong side of the body; the published files are made so.
    rest_directions=(
        _HERE, _UP, _UP, _UP, _UP, _LEFT, _DOWN, _DOWN, _RIGHT, _DOWN, _DOWN,
        _LEFT, _DOWN, _DOWN, _AHEAD, _AHEAD, _RIGHT, _DOWN, _DOWN, _AHEAD, _AHEAD,
    ),
    face_joints=(11, 16, 5, 8),
    left_foot=(19, 20),
    right_foot=(14, 15),
    contact_threshold=0.05,
    shortest=24,
    longest=200,
    metre=1000.0,
)  # fmt: skip

KINDS = {kind.name: kind for kind in (HUMANML3D, KIT)}


def kind_of_width(width: int, where: str) -> MotionKind:
    """The kind whose feature frames are `width` wide; `where` names the file in the error."""
    for kind in KINDS.values():
        if kind.width == width:
            return kind
    known = " or ".join(f"{kind.width} ({kind.name})" for kind in KINDS.values())
    raise MateError(f"{where}: frames of {width} features; expected {known}.")


def kind_of_joints(joints: int, where: str) -> MotionKind:
    """The kind whose skeleton has `joints` joints; `where` names the file in the error."""
    for kind in KINDS.values():
        if kind.joints == joints:
            return kind
    known = " or ".join(f"{kind.joints} ({kind.name})" for kind in KINDS.values())
    raise MateError(f"{where}: {joints} joints; expected {known}.")
