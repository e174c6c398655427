"""`mate convert`: one `.npy` of a motion, anybody's, to an animation file."""

from __future__ import annotations

from pathlib import Path

from mate_hf.data.coordinates import Coordinates
from mate_hf.motion_files.reading import read_motion
from mate_hf.motion_files.writing import Written, motion_output, write_motion


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
    read = read_motion(Path(source), motion, Coordinates(scale, up, fps, left_handed))
    return write_motion(out, read.joints, read.fps, overwrite, reads=[source])
