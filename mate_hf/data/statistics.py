"""Mean and standard deviation of motion features, as HumanML3D's `Mean.npy` and `Std.npy`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_files import load_array
from mate_hf.errors import MateError

MEAN_FILE, STD_FILE = "Mean.npy", "Std.npy"


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

    def result(self) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
        """Mean (width,), Std (width,), and the names of the feature groups that never change.

        Std is averaged within each feature group (Guo et al. 2022), so that no single number is blown up. A
        group that never changes has no spread to divide by: its Std is 1.

        Raises:
            MateError: no frame was taken in.
        """
        if not self.frames:
            raise MateError("no frames to compute Mean and Std from.")
        std = np.sqrt(self.squares / self.frames)
        constant = []
        for group, place in self.kind.feature_slices.items():
            std[place] = std[place].mean()
            if not std[place].any():
                std[place] = 1.0
                constant.append(group)
        return self.mean.astype(np.float32), std.astype(np.float32), constant


def load_statistics(folder: Path, kind: MotionKind) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """`Mean.npy` and `Std.npy` of a folder, each (width,); None where either is missing.

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
    return mean, std
