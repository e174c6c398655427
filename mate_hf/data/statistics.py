"""Mean and standard deviation of motion features, as HumanML3D's `Mean.npy` and `Std.npy`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind
from mate_hf.errors import MateError
from mate_hf.utils.arrays import load_array

MEAN_FILE, STD_FILE = "Mean.npy", "Std.npy"

Vector = NDArray[np.float32]

LENGTHS = ("root_linear_velocity", "root_height", "joint_positions", "joint_velocities")
"""Groups of features in the corpus's unit of length."""

FLOORS = {
    "root_rotation_velocity": 1e-4,
    "root_linear_velocity": 3e-4,
    "root_height": 5e-4,
    "joint_positions": 1e-3,
    "joint_rotations": 4e-3,
    "joint_velocities": 4e-4,
    "contacts": 7e-3,
}
"""Std of a group (metres, radians) under which its numbers do not move but for rounding, and would make thousands of deviations of a
motion that does. A fiftieth of the least among HumanML3D, CMU, Bandai Namco and the synthetic corpus: 0.0047, 0.017, 0.024, 0.068,
0.21, 0.019, 0.36."""

CHANNEL_SHARE = 0.01
"""Of its group's floor, that of one channel of a given Std. Corpora that do not average within groups have such small ones: CMU's
smallest rotation has 7e-5."""


class RunningStatistics:
    """Sums over frames, one motion at a time, in float64 (Chan et al. 1983: no squares of large numbers)."""

    def __init__(self, kind: MotionKind) -> None:
        self.kind = kind
        self.frames = 0
        self.mean = np.zeros(kind.width)
        self.squares = np.zeros(kind.width)

    def add(self, motion: NDArray[np.floating]) -> None:
        """Take in the frames of a motion (T, width)."""
        motion = motion.astype(np.float64)
        mean = motion.mean(axis=0)
        total = self.frames + len(motion)
        shift = mean - self.mean
        self.squares += ((motion - mean) ** 2).sum(axis=0) + shift**2 * (self.frames * len(motion) / total)
        self.mean += shift * (len(motion) / total)
        self.frames = total

    def result(self) -> tuple[Vector, Vector, list[str]]:
        """Mean (width,), Std (width,), and a sentence on each feature group that never changes, or only by rounding.

        Std is averaged within each feature group (Guo et al. 2022), so that no single number is blown up. A
        group that never changes has no spread to divide by: its Std is 1 (metre).

        Raises:
            MateError: no frame was taken in.
        """
        if not self.frames:
            raise MateError("no frames to compute Mean and Std from.")
        std = np.sqrt(self.squares / self.frames)
        for place in self.kind.feature_slices.values():
            std[place] = std[place].mean()
        std, constant = lifted(std.astype(np.float32), self.kind, "never changes in training")
        return self.mean.astype(np.float32), std, constant


def lifted(std: Vector, kind: MotionKind, what: str) -> tuple[Vector, list[str]]:
    """A Std without rounding noise: 1 (metre) where a group, or one of its channels, lies under its floor; a sentence on each.

    Args:
        what: is the matter with such a group.
    """
    std, sentences = std.copy(), []
    for group, place in kind.feature_slices.items():
        unit = kind.metre if group in LENGTHS else 1.0
        floor, found = FLOORS[group] * unit, std[place]
        low = np.full(len(found), True) if found.mean() < floor else found < floor * CHANNEL_SHARE
        if not low.any():
            continue
        least = f" but for rounding (Std {found[low].min():.1g}, under {floor:g})" if found.any() else ""
        channels = "" if low.all() else f" in {int(low.sum())} of its {len(low)} channels"
        sentences.append(f"{group} {what}{least}{channels}; its Std is set to {unit:g}.")
        std[place] = np.where(low, unit, found)
    return std, sentences


def load_statistics(folder: Path, kind: MotionKind) -> tuple[Vector, Vector, list[str]] | None:
    """`Mean.npy` and `Std.npy` of a folder, each (width,), and what was lifted in Std; None where either is missing.

    Raises:
        MateError: of another width, not finite, or a Std that is not positive.
    """
    files = [folder / MEAN_FILE, folder / STD_FILE]
    if not all(file.exists() for file in files):
        return None
    mean, std = (load_array(file).astype(np.float32) for file in files)
    for file, array in zip(files, (mean, std), strict=True):
        if array.shape != (kind.width,) or not np.isfinite(array).all():
            raise MateError(
                f"{file}: shape {array.shape}; expected {kind.width} finite numbers ({kind.name}). "
                "Remove Mean.npy and Std.npy to have them computed from the training split."
            )
    if not (std > 0).all():
        raise MateError(
            f"{files[1]}: feature {int(np.argmin(std))} has a Std of {std.min():g}; expected above 0."
        )
    return mean, *lifted(std, kind, f"hardly changes by {STD_FILE}")
