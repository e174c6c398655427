"""Joint positions into an animation file, by the ending of its name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.coordinates import HIGHEST_RATE
from mate_hf.data.kinds import KINDS, MotionKind, kind_of_joints
from mate_hf.errors import MateError
from mate_hf.motion_files.bvh import bvh_text
from mate_hf.motion_files.glb import glb_bytes
from mate_hf.motion_files.skeleton import Animation
from mate_hf.motion_files.solving import solve
from mate_hf.utils.outputs import FILE, Output, require_ending

SUFFIXES = (".npy", ".bvh", ".glb")

FARTHEST = 1e9
"""Metres, from the middle of the world."""

LONGEST_BONE = 10.0
"""Metres; motions in centimetres or millimetres have longer ones."""


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        frames: of the motion.
        fps: frames per second, as the file says; a `.npy` says nothing of them.
        mean_cm, max_cm: how far its joints lie from those that were given, centimetres, over all joints and frames: what it costs
            that a bone keeps its length, and that hips and spine, and neck and collars, turn as one. 0 for `.npy`.
    """

    frames: int
    fps: float
    mean_cm: float = 0.0
    max_cm: float = 0.0

    def __str__(self) -> str:
        frames = "1 frame" if self.frames == 1 else f"{self.frames} frames"
        return f"{frames}, joints within {self.mean_cm:.2f} cm (mean) and {self.max_cm:.2f} cm (most) of those given"


def write_motion(
    path: str | Path,
    joints: NDArray[np.floating],
    fps: float,
    overwrite: bool = False,
    reads: Sequence[str | Path | None] = (),
) -> Written:
    """Write one motion as `.npy` (joints), `.bvh` or `.glb`, whole or not at all.

    A `.npy` holds the joints as they are, float32. The others hold rotations of a skeleton whose bones keep their lengths
    (`motion_files.solving`): `.bvh` in centimetres, `.glb` in metres with a body to look at, both with y up.

    Args:
        path: the file to write; its ending says the format.
        joints: (T, 22, 3) of HumanML3D or (T, 21, 3) of KIT-ML, metres (KIT-ML's own files are in millimetres), y up.
        fps: frames per second.
        overwrite: replace the file that stands there.
        reads: what the motion was made from, and `path` must not be.

    Raises:
        MateError: another ending or shape, no frame, a number that is not finite, bones of more than 10 m, or a path that is in use.
    """
    return write_motion_at(motion_output(path, overwrite, reads), joints, fps)


def write_motion_at(place: Output, joints: NDArray[np.floating], fps: float) -> Written:
    """The same, to a place of `motion_output`."""
    joints, kind = _checked(np.asarray(joints))
    if not 0 < fps <= HIGHEST_RATE:
        raise MateError(f"fps: {fps:g}; expected frames per second, up to {HIGHEST_RATE:g}.")
    suffix = place.path.suffix.lower()
    if suffix == ".npy":
        with place.written() as fresh, fresh.open("wb") as file:
            np.save(file, joints.astype(np.float32))
        return Written(len(joints), fps)
    animation = solve(joints, kind)
    content = glb_bytes(animation, fps) if suffix == ".glb" else bvh_text(animation, fps).encode()
    with place.written() as fresh:
        fresh.write_bytes(content)
    return Written(len(joints), fps, *_distances(animation, joints))


def motion_output(
    path: str | Path, overwrite: bool = False, reads: Sequence[str | Path | None] = ()
) -> Output:
    """The place of a motion's file, found free.

    Raises:
        MateError: its ending is none of `SUFFIXES`, or it is in use.
    """
    path = Path(path)
    require_ending(path, SUFFIXES)
    place = Output(path, FILE, overwrite, reads)
    place.require_free()
    return place


def _checked(joints: NDArray[np.generic]) -> tuple[NDArray[np.float64], MotionKind]:
    if joints.ndim != 3 or joints.shape[2] != 3 or joints.dtype.kind not in "fiu":
        known = " or ".join(f"(frames, {kind.joints}, 3)" for kind in KINDS.values())
        raise MateError(
            f"joints: an array of shape {joints.shape} and type {joints.dtype}; expected numbers {known} of one motion."
        )
    kind = kind_of_joints(joints.shape[1], "joints")
    if not len(joints):
        raise MateError("joints: no frames; expected at least one.")
    exact = joints.astype(np.float64)
    require_finite(exact, "joints")
    if (farthest := float(np.abs(exact).max())) > FARTHEST:
        raise MateError(f"joints: {farthest:.4g} m away; expected the places of a human body, in metres.")
    longest = float(np.linalg.norm(exact - exact[:, np.maximum(kind.parents, 0)], axis=-1).max())
    if longest > LONGEST_BONE:
        raise MateError(
            f"joints: a bone of {longest:.4g} m; expected metres. Multiply by 0.01 what is in centimetres, by 0.001 what is in "
            "millimetres, as KIT-ML's motions are."
        )
    return exact, kind


def require_finite(frames: NDArray[np.floating], where: str) -> None:
    """Refuse frames (T, ...) that hold no numbers.

    Args:
        where: what they are, the first words of the error.

    Raises:
        MateError: some do.
    """
    broken = np.flatnonzero(~np.isfinite(frames).reshape(len(frames), -1).all(axis=1))
    if len(broken):
        raise MateError(
            f"{where}: NaN or infinite numbers in {len(broken)} frames, first in frame {broken[0]}. Leave such frames out."
        )


def _distances(animation: Animation, joints: NDArray[np.float64]) -> tuple[float, float]:
    away = np.linalg.norm(animation.positions() - joints, axis=-1) * 100
    return math.fsum(away.ravel()) / away.size, float(away.max())
