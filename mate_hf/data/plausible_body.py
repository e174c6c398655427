"""What a motion shows of the body in it, and the bounds that no human body passes.

Each bound, and the nearest that the motions at hand come to it (2,625 of Bandai Namco, 269 of CMU, 5 of HumanML3D, 1,500 synthetic):

| measured | human | nearest |
|---|---|---|
| stature: a leg and the trunk up to the head joint, metres | 0.4 to 2.6 | 1.47 |
| a limb bone's standard deviation over the clip, of its length | under 20 % | 0.01 % |
| left limb bone over right one | under 1.35 | 1.02 |
| thigh or shin, of the stature | 15 to 45 % | 27 and 29 % |
| upper arm or forearm, of the stature | 8 to 35 % | 17 and 18 % |
| uprightness: y of the direction ankles -> neck in the most upright frame | over 0.5 | 0.89 |
| the better of feet and face against left x up (1 ahead, -1 behind), mean | over -0.25 | 0.46 |
| lowest joint of features from the floor, metres | under 0.5 | 0.10 |
| root's step along an axis, metres a second | under 20 | 9.1 |
| any joint's step along an axis, metres a second | under 60 | 33 |

KIT-ML was not at hand: its unit is the millimetre, and as its files may name left right, sides are not judged there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import HUMANML3D, MotionKind

Array = NDArray[np.floating]

STATURES = (0.4, 2.6)
USUAL_STATURE = 1.47
SCALES = (0.001, 0.01, 0.1, 0.0254, 0.3048, 10.0, 100.0, 1000.0)
"""Millimetres, centimetres, decimetres, inches and feet to metres; and metres to the millimetres of KIT-ML."""

UNCERTAIN_SCALE = 1.5
"""A unit explains a body whose stature it brings within this factor of the usual one."""

MOST_CHANGE, MOST_UNLIKE = 0.2, 1.35
LEG_SHARES, ARM_SHARES = (0.15, 0.45), (0.08, 0.35)
UPRIGHT = 0.5
BACKWARD = -0.25

ALONG_AN_AXIS = 0.85
"""Component, along the axis that a body stands on, of the mean direction ankles -> neck."""

HANDS_OFF = 0.15
"""Statures that hands are above the head of a body turned over, and not of one that stands on its hands or head."""

FRAMES_LOOKED_AT = 20

LIMBS = ("knee", "ankle", "elbow", "wrist")
"""Joints at the lower ends of thigh, shin, upper arm and forearm."""


@dataclass(frozen=True)
class Body:
    """What a motion shows of the body in it.

    Attributes:
        human: whether its bones are a human's, in whatever unit.
        stature: metres.
        up: (3,) mean direction from ankles to neck.
        highest: y of that direction in the frame where it is highest.
        hands_off: whether hands stay above the head.
        forward: the better of feet and face against left x up; NaN where sides are not judged.
        rise: how much the root rises and falls, metres.
        floor: height of the lowest joint, metres.
    """

    human: bool
    stature: float
    up: tuple[float, float, float]
    highest: float
    hands_off: bool
    forward: float
    rise: float
    floor: float

    @property
    def scale(self) -> float | None:
        """What its lengths are to be multiplied by: 1 where it is of human size, None where no unit makes it so."""
        if STATURES[0] <= self.stature <= STATURES[1]:
            return 1.0
        errors = {scale: abs(np.log(max(self.stature, 1e-9) * scale / USUAL_STATURE)) for scale in SCALES}
        nearest = min(errors, key=lambda scale: errors[scale])
        return nearest if errors[nearest] < np.log(UNCERTAIN_SCALE) else None

    @property
    def axis(self) -> str:
        """The axis that it stands on, such as `y` or `-z`; empty where it stands on none."""
        place = int(np.abs(self.up).argmax())
        if abs(self.up[place]) < ALONG_AN_AXIS:
            return ""
        return ("" if self.up[place] > 0 else "-") + "xyz"[place]

    @property
    def exchanged(self) -> bool:
        """Whether left and right are exchanged: feet and face both look backward."""
        return self.forward < BACKWARD


def bodies(motions: Sequence[Array], kind: MotionKind) -> list[Body]:
    """The body in each motion: joints (T,J,3), or features (T,width), of which the heading takes the place of z."""
    if not motions:
        return []
    return _measured(np.stack([_poses(motion, kind) for motion in motions]), kind)


def _poses(motion: Array, kind: MotionKind) -> Array:
    """Some frames, equally far apart, as joints (20,J,3) in metres."""
    frames = motion[np.arange(FRAMES_LOOKED_AT) * (len(motion) - 1) // (FRAMES_LOOKED_AT - 1)]
    if motion.ndim == 3:
        return frames / kind.metre
    joints = np.zeros((len(frames), kind.joints, 3), np.float32)
    joints[:, 0, 1] = frames[:, kind.feature_slices["root_height"].start]
    joints[:, 1:] = frames[:, kind.feature_slices["joint_positions"]].reshape(len(frames), -1, 3)
    return joints / np.float32(kind.metre)


def _measured(joints: Array, kind: MotionKind) -> list[Body]:
    """Poses (N,20,J,3) in metres, all clips at once: one at a time would cost ten times as much."""
    place = _places(kind)
    lengths = _norm(joints[:, :, place.bones] - joints[:, :, place.before_bones])
    mean = lengths.mean(1)
    # Four pairs of limb bones, left and right, then the trunk.
    limbs = mean[:, :8].reshape(-1, 4, 2)
    stature = np.maximum(limbs[:, :2].mean(2).sum(1) + mean[:, 8:].sum(1), 1e-12)
    up = _unit(joints[:, :, place.neck] - joints[:, :, place.ankles].mean(2))
    hands = joints[:, :, place.wrists, 1].min(2) - joints[:, :, place.head, 1]
    root = joints[:, :, 0, 1]
    measured = (
        _human(lengths[:, :, :8], limbs, stature),
        stature,
        up.mean(1),
        up[..., 1].max(1),
        np.median(hands, 1) > HANDS_OFF * stature,
        _forward(joints, kind),
        root.max(1) - root.min(1),
        joints[..., 1].min((1, 2)),
    )
    return [Body(*clip) for clip in zip(*(values.tolist() for values in measured), strict=True)]


def _human(lengths: Array, limbs: Array, stature: Array) -> NDArray[np.bool_]:
    """Limb bones that keep their lengths (N,n,8), are alike on both sides (N,4,2), and in proportion."""
    shares = limbs.mean(2) / stature[:, None]
    legs, arms = shares[:, :2], shares[:, 2:]
    inside: NDArray[np.bool_] = (
        (lengths.std(1) <= MOST_CHANGE * lengths.mean(1)).all(1)
        & (limbs.max(2) <= MOST_UNLIKE * limbs.min(2)).all(1)
        & ((legs >= LEG_SHARES[0]) & (legs <= LEG_SHARES[1])).all(1)
        & ((arms >= ARM_SHARES[0]) & (arms <= ARM_SHARES[1])).all(1)
    )
    return inside


def _forward(joints: Array, kind: MotionKind) -> Array:
    if kind is not HUMANML3D:
        return np.full(len(joints), np.nan)
    place = _places(kind)
    right_hip, left_hip, right_shoulder, left_shoulder = np.moveaxis(joints[:, :, kind.face_joints], 2, 0)
    neck = joints[:, :, place.neck]
    left, up = _unit(left_hip - right_hip + left_shoulder - right_shoulder), _unit(neck - joints[:, :, 0])
    ahead = left[..., [1, 2, 0]] * up[..., [2, 0, 1]] - left[..., [2, 0, 1]] * up[..., [1, 2, 0]]
    feet = _unit((joints[:, :, place.feet] - joints[:, :, place.ankles]).sum(2))
    face = _unit(joints[:, :, place.head] - neck)
    looks: Array = np.maximum((ahead * feet).sum(-1).mean(1), (ahead * face).sum(-1).mean(1))
    return looks


@dataclass(frozen=True)
class _Places:
    """Joint numbers of a kind."""

    bones: list[int]
    before_bones: list[int]
    ankles: list[int]
    feet: list[int]
    wrists: list[int]
    neck: int
    head: int


@cache
def _places(kind: MotionKind) -> _Places:
    def both(part: str) -> list[int]:
        return [kind.joint(f"{side}_{part}") for side in ("left", "right")]

    bones = [joint for part in LIMBS for joint in both(part)]
    joint = kind.joint("head")
    while joint:
        bones.append(joint)
        joint = kind.parents[joint]
    before = [kind.parents[bone] for bone in bones]
    neck, head = kind.joint("neck"), kind.joint("head")
    return _Places(bones, before, both("ankle"), both("foot"), both("wrist"), neck, head)


def _norm(vectors: Array) -> Array:
    lengths: Array = np.sqrt((vectors * vectors).sum(-1))
    return lengths


def _unit(vectors: Array) -> Array:
    unit: Array = vectors / np.maximum(_norm(vectors), 1e-12)[..., None]
    return unit
