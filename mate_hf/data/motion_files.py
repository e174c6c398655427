"""The motions of a corpus folder: `<id>.npy`, features in `new_joint_vecs/` or joints in `new_joints/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mate_hf.data.kinds import CROP_UNIT, MotionKind, kind_of_joints, kind_of_width
from mate_hf.data.motion_features import joints_to_features
from mate_hf.errors import MateError
from mate_hf.utils.files import written_whole

FEATURES_FOLDER, JOINTS_FOLDER = "new_joint_vecs", "new_joints"

KIND_SAMPLE = 50
"""Files whose shapes decide a folder's kind; one odd file does not."""


@dataclass(frozen=True)
class MotionFiles:
    """Opens `<id>.npy` files as features.

    Attributes:
        folder: holds the files.
        kind: what every file must be.
        hold_joints: whether they are joint positions.
        legacy_sign: for files of joints, see `joints_to_features`.
        kept: folder that keeps the features of joints, for a broken run to go on.
    """

    folder: Path
    kind: MotionKind
    hold_joints: bool = False
    legacy_sign: bool = False
    kept: Path | None = None

    def features(self, name: str) -> NDArray[np.float32]:
        """Features (T, width) float32 of one motion, not normalised.

        Raises:
            MateError: the file is missing, damaged, pickled, of another shape, not finite, or too short.
        """
        kept = self.kept / f"{name}.npy" if self.kept and self.hold_joints else None
        if kept and kept.is_file():
            return np.load(kept)
        features = self._open(name)
        if kept:
            with written_whole(kept) as fresh:
                np.save(fresh, features)
        return features

    def _open(self, name: str) -> NDArray[np.float32]:
        file = self.folder / f"{name}.npy"
        expected = (self.kind.joints, 3) if self.hold_joints else (self.kind.width,)
        array = load_array(file)
        if array.shape[1:] != expected:
            shape = ", ".join(map(str, ("frames", *expected)))
            raise MateError(f"{file}: shape {array.shape}; expected ({shape}) as in the rest of the folder.")
        with np.errstate(over="ignore"):
            array = array.astype(np.float32, copy=False)
        if not np.isfinite(array).all():
            frames = np.flatnonzero(~np.isfinite(array).reshape(len(array), -1).all(axis=1))
            raise MateError(
                f"{file}: NaN, infinite or huge numbers in {len(frames)} frames, first in frame {frames[0]}."
            )
        needed = CROP_UNIT + 1 if self.hold_joints else CROP_UNIT
        if len(array) < needed:
            raise MateError(f"{file}: {len(array)} frames; a motion needs at least {needed}.")
        if self.hold_joints:
            with one_thread():
                array = joints_to_features(array, self.kind, legacy_sign=self.legacy_sign)
        return array


def find_motion_files(folder: Path, names: Iterable[str], legacy_sign: bool = False) -> MotionFiles:
    """The motions in a corpus folder; its kind is that of most of the first files named in `names`.

    Raises:
        MateError: no folder of motions, or none of the named files can be read.
    """
    holders = [folder / holder for holder in (FEATURES_FOLDER, JOINTS_FOLDER)]
    found = next((holder for holder in holders if holder.is_dir() and any(holder.glob("*.npy"))), None)
    if found is None:
        raise MateError(
            f"{folder}: no .npy files in {FEATURES_FOLDER}/ or {JOINTS_FOLDER}/; expected one of them."
        )
    return _opened(found, names, found.name == JOINTS_FOLDER, legacy_sign)


def motion_folder(folder: Path) -> MotionFiles:
    """A folder of `.npy` motions by any name, features or joints as most of its first files are; also a corpus folder.

    Raises:
        MateError: no `.npy` files there, or none that can be read.
    """
    for holder in (folder / FEATURES_FOLDER, folder / JOINTS_FOLDER, folder):
        if names := motion_names(holder):
            first = load_array(holder / f"{names[0]}.npy")
            return _opened(holder, names, first.ndim == 3, legacy_sign=False)
    raise MateError(f"{folder}: no .npy files; expected a motion a file, named by its id.")


def motion_names(folder: Path) -> list[str]:
    """Ids of the `.npy` files of a folder, sorted."""
    return sorted(file.stem for file in folder.glob("*.npy"))


def _opened(folder: Path, names: Iterable[str], hold_joints: bool, legacy_sign: bool) -> MotionFiles:
    there = (file for name in names if (file := folder / f"{name}.npy").is_file())
    kinds: Counter[MotionKind] = Counter()
    problems = []
    for file in islice(there, KIND_SAMPLE):
        try:
            kinds[_kind_of_shape(load_array(file).shape, file, hold_joints)] += 1
        except MateError as error:
            problems.append(str(error))
    if not kinds:
        reason = problems[0] if problems else "none of the ids in its split lists has a file there."
        raise MateError(f"{folder}: no motion can be read: {reason}")
    return MotionFiles(folder, kinds.most_common(1)[0][0], hold_joints, legacy_sign)


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: for a single clip, waking the others takes ten times as long as the work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def load_array(file: Path) -> NDArray[np.floating]:
    """A `.npy` file of numbers; pickled objects are never opened.

    Raises:
        MateError: missing, damaged, pickled, or not numbers.
    """
    try:
        array = np.load(file, allow_pickle=False)
    except FileNotFoundError:
        raise MateError(f"{file}: not found.") from None
    except (ValueError, EOFError, OSError) as error:
        reason = "holds pickled objects, which are not opened" if "allow_pickle" in str(error) else error
        raise MateError(f"{file}: not a usable .npy file ({reason}). Export it again.") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
        kind = getattr(array, "dtype", type(array).__name__)
        raise MateError(f"{file}: holds {kind}; expected an array of real numbers.")
    return array


def _kind_of_shape(shape: Sequence[int], file: Path, hold_joints: bool) -> MotionKind:
    if hold_joints:
        if len(shape) != 3 or shape[2] != 3:
            raise MateError(f"{file}: shape {tuple(shape)}; expected (frames, joints, 3).")
        return kind_of_joints(shape[1], str(file))
    if len(shape) != 2:
        raise MateError(f"{file}: shape {tuple(shape)}; expected (frames, features).")
    return kind_of_width(shape[1], str(file))
