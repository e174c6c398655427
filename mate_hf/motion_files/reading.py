"""One motion out of a `.npy`, anybody's: joints in metres, at the rate that they have."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import KINDS, MotionKind, kind_of_joints, kind_of_width
from mate_hf.data.motion_features import joints_to_features, recover
from mate_hf.data.plausibility import judged
from mate_hf.errors import MateError
from mate_hf.motion_files.writing import require_finite
from mate_hf.utils.arrays import load_array

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Motion:
    """What was read.

    Attributes:
        joints: (T, J, 3) metres, y up.
        kind: whose skeleton.
        fps: frames per second.
    """

    joints: Array
    kind: MotionKind
    fps: float


def read_motion(source: Path, number: int | None = None, written_in: Coordinates | None = None) -> Motion:
    """Open a file; every frame is kept.

    Args:
        source: `.npy` of joints (T,22,3) or (T,21,3), or of features (T,263) or (T,251), not normalised; or of N such motions of one
            length, (N,T,...).
        number: which of N motions, from 0.
        written_in: its units, axes and frame rate, where these are not the kind's.

    Raises:
        MateError: see `motion_of`, or an unreadable file.
    """
    return motion_of(load_array(source), str(source), number, written_in)


def motion_of(
    held: Array, where: str, number: int | None = None, written_in: Coordinates | None = None
) -> Motion:
    """The motion that an array holds; see `read_motion`.

    Args:
        where: what it is, the first words of an error.

    Raises:
        MateError: an array of another shape, several motions and none named, or a motion that no human can have made.
    """
    written_in = written_in or Coordinates()
    array, kind = _one_motion(held, where, number)
    require_finite(array, where)
    joints, features = _read(array, kind, written_in)
    [verdict] = judged([features], kind, written_in)
    if verdict.refusal:
        raise MateError(f"{where}: {verdict.refusal}")
    for what in verdict.odd if len(array) > 1 else ():
        warnings.warn(f"{where}: one of the motions that {what}.", stacklevel=3)
    return Motion(joints / kind.metre, kind, written_in.fps or kind.fps)


def _one_motion(array: Array, where: str, number: int | None) -> tuple[Array, MotionKind]:
    """The motion, or the one of several that was named, and what it is one of."""
    of_joints = array.ndim > 2 and array.shape[-1] == 3
    dimensions = 3 if of_joints else 2
    if array.ndim not in (dimensions, dimensions + 1) or 0 in array.shape:
        known = " or ".join(f"(frames, {kind.joints}, 3)" for kind in KINDS.values())
        widths = " or ".join(f"(frames, {kind.width})" for kind in KINDS.values())
        raise MateError(
            f"{where}: an array of shape {array.shape}; expected joints {known}, or features {widths}."
        )
    kind = kind_of_joints(array.shape[-2], where) if of_joints else kind_of_width(array.shape[-1], where)
    motions = array[None] if array.ndim == dimensions else array
    if number is None and len(motions) > 1:
        raise MateError(
            f"{where}: holds {len(motions)} motions, and a file of animation holds one. Name it: --motion 0 to "
            f"--motion {len(motions) - 1}."
        )
    if not 0 <= (number or 0) < len(motions):
        raise MateError(f"motion: {number}; {where} holds {len(motions)}, counted from 0.")
    return motions[number or 0].astype(np.float64), kind


def _read(array: Array, kind: MotionKind, written_in: Coordinates) -> tuple[Array, Array]:
    """Joints at the rate they have, and features to judge them by."""
    as_they_come = Coordinates(written_in.scale, written_in.up, None, written_in.left_handed)
    if array.ndim == 2:
        features = as_they_come.features(array, kind)
        return recover(features, kind), features
    joints = as_they_come.joints(array, kind)
    timed = Coordinates(fps=written_in.fps).joints(joints, kind)
    # Features are made of two frames, and a single pose has its size and its sides as well.
    return joints, joints_to_features(timed if len(timed) > 1 else np.repeat(timed, 2, axis=0), kind)
