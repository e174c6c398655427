"""`mate convert`: one `.npy` of a motion, anybody's, to an animation file."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.arrays import load_array
from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import KINDS, MotionKind, kind_of_joints, kind_of_width
from mate_hf.data.motion_features import joints_to_features, recover
from mate_hf.data.plausibility import judged
from mate_hf.errors import MateError
from mate_hf.motion_files.writing import Written, motion_output, require_finite, write_motion

Array = NDArray[np.floating]


def convert(
    source: str | Path,
    out: str | Path,
    motion: int | None = None,
    scale: float | None = None,
    up: str | None = None,
    fps: float | None = None,
    left_handed: bool = False,
    overwrite: bool = False,
) -> Written:
    """Write a motion as `.bvh`, `.glb` or `.npy` of joints in metres; see `write_motion`.

    Every frame is kept: `fps` says how fast the motion is, and nothing is resampled.

    Args:
        source: `.npy` of joints (T,22,3) or (T,21,3), or of features (T,263) or (T,251), not normalised; or of N such motions of one
            length, (N,T,...).
        out: file to write; its ending says the format.
        motion: which of N motions, from 0.
        scale, up, left_handed: what `source` is written in, see `Coordinates`; what is said to be as usual (`scale=1`, `up="y"`)
            is believed of a motion that looks otherwise.
        fps: frames per second of `source`; None: of its kind, 20 or KIT-ML's 12.5.
        overwrite: replace the file that stands at `out`.

    Raises:
        MateError: an unreadable file, an array of another shape, several motions and none named, a motion that no human can have made,
            or `out` of another ending, that exists or is `source`.
    """
    motion_output(out, overwrite, reads=[source])
    source, written_in = Path(source), Coordinates(scale, up, fps, left_handed)
    array, kind = _one_motion(load_array(source), source, motion)
    require_finite(array, str(source))
    joints, features = _read(array, kind, written_in)
    [verdict] = judged([features], kind, written_in)
    if verdict.refusal:
        raise MateError(f"{source}: {verdict.refusal}")
    for what in verdict.odd if len(array) > 1 else ():
        warnings.warn(f"{source}: one of the motions that {what}.", stacklevel=2)
    return write_motion(out, joints / kind.metre, fps or kind.fps, overwrite, reads=[source])


def _one_motion(array: Array, source: Path, motion: int | None) -> tuple[Array, MotionKind]:
    """The motion, or the one of several that was named, and what it is one of."""
    of_joints = array.ndim > 2 and array.shape[-1] == 3
    dimensions = 3 if of_joints else 2
    if array.ndim not in (dimensions, dimensions + 1) or 0 in array.shape:
        known = " or ".join(f"(frames, {kind.joints}, 3)" for kind in KINDS.values())
        widths = " or ".join(f"(frames, {kind.width})" for kind in KINDS.values())
        raise MateError(
            f"{source}: an array of shape {array.shape}; expected joints {known}, or features {widths}."
        )
    kind = (
        kind_of_joints(array.shape[-2], str(source))
        if of_joints
        else kind_of_width(array.shape[-1], str(source))
    )
    motions = array[None] if array.ndim == dimensions else array
    if motion is None and len(motions) > 1:
        raise MateError(
            f"{source}: holds {len(motions)} motions, and a file of animation holds one. Name it: --motion 0 to "
            f"--motion {len(motions) - 1}."
        )
    if not 0 <= (motion or 0) < len(motions):
        raise MateError(f"motion: {motion}; {source} holds {len(motions)}, counted from 0.")
    return motions[motion or 0].astype(np.float64), kind


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
