"""`mate features`: one .npy file of joints to one of features, or back."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import KINDS, MotionKind, kind_of_joints, kind_of_width
from mate_hf.data.motion_features import joints_to_features, recover
from mate_hf.data.plausibility import judged
from mate_hf.errors import MateError
from mate_hf.utils.arrays import load_array
from mate_hf.utils.outputs import FILE, Output


def convert_file(
    source: str | Path,
    out: str | Path,
    inverse: bool = False,
    kind: str | None = None,
    legacy_sign: bool = False,
    scale: float | None = None,
    up: str | None = None,
    fps: float | None = None,
    left_handed: bool = False,
    overwrite: bool = False,
) -> int:
    """Convert and write float32; returns the frames written (T-1 for T frames of joints).

    Args:
        source: `.npy` of joints (T,J,3), or of features (T, width) with `inverse`.
        out: `.npy` to write.
        kind: `humanml3d` or `kit`; read off the array where None.
        legacy_sign: reproduce the sign flips of the published files.
        scale, up, fps, left_handed: what `source` is written in, see `Coordinates`; what is said to be as usual (`scale=1`, `up="y"`)
            is believed of a motion that looks otherwise.
        overwrite: replace the file that stands at `out`.

    Raises:
        MateError: an unreadable file, an array that is not of that kind, a motion that no human can have made, or `out` that
            exists or is `source`.
    """
    place = Output(Path(out), FILE, overwrite, reads=[source])
    place.require_free()
    source, written_in = Path(source), Coordinates(scale, up, fps, left_handed)
    array = load_array(source)
    known = _kind(array, source, inverse, kind)
    if inverse:
        features = written_in.features(array, known)
        converted = recover(features, known)
    else:
        joints = written_in.joints(array, known)
        converted = features = joints_to_features(joints, known, legacy_sign=legacy_sign)
    [verdict] = judged([features], known, written_in)
    if verdict.refusal:
        raise MateError(f"{source}: {verdict.refusal}")
    for what in verdict.odd:
        warnings.warn(f"{source}: one of the motions that {what}.", stacklevel=2)
    with place.written() as fresh, fresh.open("wb") as file:
        np.save(file, converted.astype(np.float32))
    return len(converted)


def _kind(array: np.ndarray, source: Path, inverse: bool, name: str | None) -> MotionKind:
    if name is not None:
        if name not in KINDS:
            raise MateError(f"kind {name!r}; expected {' or '.join(KINDS)}.")
        return KINDS[name]
    if inverse and array.ndim == 2:
        return kind_of_width(array.shape[1], str(source))
    if not inverse and array.ndim == 3:
        return kind_of_joints(array.shape[1], str(source))
    expected = "features (frames, 263 or 251)" if inverse else "joints (frames, 22 or 21, 3)"
    raise MateError(f"{source}: an array of shape {array.shape}; expected {expected}.")
