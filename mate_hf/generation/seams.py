"""How well an edit kept what was given, and how smoothly it goes over into the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mate_hf.data import rotations
from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_features import heading_and_path, recover

AROUND = 4
"""Frames on either side of a seam."""


@dataclass(frozen=True)
class EditReport:
    """Of one edited motion.

    Attributes:
        kept_error: largest distance of a given joint to where it was given, centimetres: in the world for frames that are given
            whole, else as the body's own path and heading have it.
        seam_jerk: largest mean jerk of the joints within `AROUND` frames of a seam, m/s^3; None without a seam in time.
        clip_jerk: the 95th percentile of the same number at every place of the clip itself.
    """

    kept_error: float
    seam_jerk: float | None
    clip_jerk: float

    def __str__(self) -> str:
        kept = f"what is given is kept to {self.kept_error:.2g} cm"
        if self.seam_jerk is None:
            return kept
        return f"{kept}; jerk at its seams {self.seam_jerk:.0f} m/s^3, of the clip itself up to {self.clip_jerk:.0f} in 95 %"


def report_edit(
    made: NDArray[np.float32], clip: NDArray[np.float32], given: NDArray[np.bool_], kind: MotionKind
) -> EditReport:
    """Compare an edit with its clip, raw features (T,width), where `given` (T,width) says what of it is given."""
    joints, own = recover(made, kind), recover(clip, kind)
    whole: NDArray[np.bool_] = np.all(given, axis=1)
    errors = [0.0]
    if whole.any():
        first = int(np.flatnonzero(whole)[0])
        ours, theirs = (
            _seen_from(motion, body, first, kind) for motion, body in ((made, joints), (clip, own))
        )
        errors.append(float(np.linalg.norm(ours - theirs, axis=-1)[whole].max()))
    place = kind.feature_slices["joint_positions"]
    chosen = given[:, place].reshape(len(given), -1, 3).all(-1) & ~whole[:, None]
    if chosen.any():
        local = (made - clip)[:, place].reshape(len(given), -1, 3)
        errors.append(float(np.linalg.norm(local, axis=-1)[chosen].max()))
    unit = 100 / kind.metre
    seams = np.flatnonzero(np.diff(whole.astype(int)))
    jerk = mean_jerk(joints / kind.metre, kind.fps)
    near = [jerk[max(seam - AROUND, 0) : seam + AROUND] for seam in seams]
    return EditReport(
        max(errors) * unit,
        max((float(part.max()) for part in near if len(part)), default=None),
        float(np.percentile(jerk_around(own, kind), 95)),
    )


def jerk_around(joints: NDArray[np.floating], kind: MotionKind) -> NDArray[np.floating]:
    """What a seam would be judged by, at every place of a motion (T,J,3): m/s^3; 0 where it is too short for any."""
    jerk = mean_jerk(joints / kind.metre, kind.fps)
    if not len(jerk):
        return np.zeros(1)
    found: NDArray[np.floating] = sliding_window_view(jerk, min(2 * AROUND, len(jerk))).max(1)
    return found


def mean_jerk(joints: NDArray[np.floating], fps: float) -> NDArray[np.floating]:
    """Length of the third derivative of joint positions (T,J,3), metres, the mean over joints: (T-3,), m/s^3."""
    third = np.diff(joints.astype(np.float64), n=3, axis=0) * fps**3
    found: NDArray[np.floating] = np.linalg.norm(third, axis=-1).mean(-1)
    return found


def _seen_from(
    features: NDArray[np.float32], joints: NDArray[np.float32], frame: int, kind: MotionKind
) -> NDArray[np.float64]:
    """Joints (T,J,3) with the path's origin and heading at a frame."""
    half, path = heading_and_path(torch.from_numpy(features).double(), kind)
    moved = torch.from_numpy(joints).double() - path[frame]
    return rotations.rotate(rotations.about_y(half[frame]), moved).numpy()
