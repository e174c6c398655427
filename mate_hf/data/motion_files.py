"""The motions of a corpus folder: `<id>.npy`, features in `new_joint_vecs/` or joints in `new_joints/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import CROP_UNIT, MotionKind, kind_of_joints, kind_of_width
from mate_hf.data.motion_features import joints_to_features
from mate_hf.errors import MateError
from mate_hf.utils.arrays import array_frames, load_array
from mate_hf.utils.contents import contents
from mate_hf.utils.files import written_whole
from mate_hf.utils.foreign_paths import inside

FEATURES_FOLDER, JOINTS_FOLDER = "new_joint_vecs", "new_joints"

KIND_SAMPLE = 50
"""Files whose shapes decide a folder's kind; one odd file does not."""

FEW = 0.5
"""Features for fewer of the ids that have joints than this are left from elsewhere (HumanML3D's repository ships one), no corpus."""


@dataclass(frozen=True)
class MotionFiles:
    """Opens `<id>.npy` files as features.

    Attributes:
        folder: holds the files; an id may name an inner folder.
        kind: what every file must be.
        hold_joints: whether they are joint positions.
        legacy_sign: for files of joints, see `joints_to_features`.
        kept: folder that keeps the features of joints, for a broken run to go on.
        written_in: their units, axes and frame rate, where these are not the kind's.
        warning: a sentence on what lies beside them.
    """

    folder: Path
    kind: MotionKind
    hold_joints: bool = False
    legacy_sign: bool = False
    kept: Path | None = None
    written_in: Coordinates = field(default_factory=Coordinates)
    warning: str = ""

    def path(self, name: str) -> Path:
        """The file of a motion.

        Raises:
            MateError: the id leads out of the folder.
        """
        return inside(self.folder, name, ".npy", follow_links=True)

    def features(self, name: str) -> NDArray[np.float32]:
        """Features (T, width) float32 of one motion, not normalised.

        Raises:
            MateError: the name leads out of the folder, or the file is missing, damaged, pickled, of another shape, not finite, or
                too short.
        """
        kept = inside(self.kept, name, ".npy") if self.kept and self.hold_joints else None
        if kept and kept.is_file():
            return load_array(kept).astype(np.float32, copy=False)
        features = self.as_held(name)
        if self.hold_joints:
            with one_thread():
                features = joints_to_features(features, self.kind, legacy_sign=self.legacy_sign)
        if kept:
            with written_whole(kept, lasting=False) as fresh:
                np.save(fresh, features)
        return features

    def as_held(self, name: str) -> NDArray[np.float32]:
        """Joints (T, J, 3) or features (T, width) of one motion, in the kind's units, axes and frame rate.

        Raises:
            MateError: see `features`.
        """
        file = self.path(name)
        expected = (self.kind.joints, 3) if self.hold_joints else (self.kind.width,)
        array = load_array(file)
        if array.shape[1:] != expected:
            shape = ", ".join(map(str, ("frames", *expected)))
            raise MateError(f"{file}: shape {array.shape}; expected ({shape}) as in the rest of the folder.")
        array = self._finite(array, file)
        self._require_frames(len(array), file)
        if self.written_in:
            with one_thread():
                convert = self.written_in.joints if self.hold_joints else self.written_in.features
                array = self._finite(convert(array, self.kind), file)
            self._require_frames(len(array), file)
        return array

    def names(self) -> list[str]:
        """Ids of all motions there, of inner folders where no other are."""
        return motion_names(self.folder) or motion_names(self.folder, inner=True)

    def frames(self, name: str) -> int:
        """Length of a motion as held, from the head of its file; 0 where that is damaged, which reading it will tell."""
        try:
            return self.written_in.frames(array_frames(self.path(name)), self.kind)
        except MateError:
            return 0

    def _finite(self, array: NDArray[np.floating], file: Path) -> NDArray[np.float32]:
        with np.errstate(over="ignore"):
            array = array.astype(np.float32, copy=False)
        if not np.isfinite(array).all():
            frames = np.flatnonzero(~np.isfinite(array).reshape(len(array), -1).all(axis=1))
            raise MateError(
                f"{file}: NaN, infinite or huge numbers in {len(frames)} frames, first in frame {frames[0]}."
            )
        return array

    def _require_frames(self, frames: int, file: Path) -> None:
        needed = CROP_UNIT + 1 if self.hold_joints else CROP_UNIT
        if frames < needed:
            raise MateError(f"{file}: {frames} frames; a motion needs at least {needed}.")


def find_motion_files(
    folder: Path, names: Iterable[str], legacy_sign: bool = False, written_in: Coordinates | None = None
) -> MotionFiles:
    """The motions in a corpus folder; its kind is that of most of the first files named in `names`.

    Where both features and joints lie there, features are taken, unless they are few beside the joints.

    Raises:
        MateError: no folder of motions, or none of the named files can be read.
    """
    names = list(names)
    vecs, joints = folder / FEATURES_FOLDER, folder / JOINTS_FOLDER
    if not _any(vecs) and not _any(joints):
        raise MateError(
            f"{folder}: no .npy files in {FEATURES_FOLDER}/ or {JOINTS_FOLDER}/; expected one of them. {contents(folder)}"
        )
    of_vecs, of_joints = _present(vecs, names), _present(joints, names)
    hold_joints = not _any(vecs) or len(of_vecs) < FEW * len(of_joints)
    chosen, present = (joints, of_joints) if hold_joints else (vecs, of_vecs)
    warning = ""
    if _any(vecs) and len(of_vecs) < len(of_joints):
        warning = (
            f"{FEATURES_FOLDER}/ holds {len(of_vecs)} of the {len(names)} ids, {JOINTS_FOLDER}/ {len(of_joints)}: {chosen.name}/ was "
            "read. Move it away if you mean the other."
        )
    if not present:
        raise MateError(
            f"{chosen}: none of the {len(names)} ids in the split lists has a file there. The lists say {names[0]!r}, the folder holds "
            f"{_first(chosen)}. Write the lists as the files are named."
        )
    files = MotionFiles(chosen, _kind(chosen, present, hold_joints), hold_joints, legacy_sign)
    return replace(files, written_in=written_in or Coordinates(), warning=warning)


def motion_folder(folder: Path, written_in: Coordinates | None = None) -> MotionFiles:
    """A folder of `.npy` motions by any name, features or joints as most of its first files are; also a corpus folder.

    Raises:
        MateError: no `.npy` files there, or none that can be read.
    """
    vecs, joints = folder / FEATURES_FOLDER, folder / JOINTS_FOLDER
    few = len(motion_names(vecs)) < FEW * len(motion_names(joints))
    for holder in (joints, vecs, folder) if few else (vecs, joints, folder):
        if names := motion_names(holder) or motion_names(holder, inner=True):
            hold_joints = load_array(holder / f"{names[0]}.npy").ndim == 3
            kind = _kind(holder, names, hold_joints)
            return MotionFiles(holder, kind, hold_joints, written_in=written_in or Coordinates())
    raise MateError(f"{folder}: no .npy files; expected a motion a file, named by its id. {contents(folder)}")


def motion_names(folder: Path, inner: bool = False) -> list[str]:
    """Ids of the `.npy` files of a folder, and of its inner folders where asked, sorted; hidden files are none."""
    files = folder.rglob("*.npy") if inner else folder.glob("*.npy")
    return sorted(
        file.relative_to(folder).with_suffix("").as_posix() for file in files if not file.name.startswith(".")
    )


def _any(folder: Path) -> bool:
    return next((True for file in folder.rglob("*.npy") if not file.name.startswith(".")), False)


def _first(folder: Path) -> str:
    return f"{motion_names(folder, inner=True)[0]}.npy"


def _present(folder: Path, names: Sequence[str]) -> list[str]:
    """Those of the ids that have a file there."""
    there = set(motion_names(folder))
    return [name for name in names if name in there or ("/" in name and _is_there(folder, name))]


def _is_there(folder: Path, name: str) -> bool:
    try:
        return inside(folder, name, ".npy", follow_links=True).is_file()
    except (MateError, OSError):
        return False


def _kind(folder: Path, names: Sequence[str], hold_joints: bool) -> MotionKind:
    """What most of the first files are."""
    kinds: Counter[MotionKind] = Counter()
    problems = []
    for file in (folder / f"{name}.npy" for name in names[:KIND_SAMPLE]):
        try:
            kinds[_kind_of_shape(load_array(file).shape, file, hold_joints)] += 1
        except MateError as error:
            problems.append(str(error))
    if not kinds:
        raise MateError(f"{folder}: no motion can be read: {problems[0]}")
    return kinds.most_common(1)[0][0]


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: for a single clip, waking the others takes ten times as long as the work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _kind_of_shape(shape: Sequence[int], file: Path, hold_joints: bool) -> MotionKind:
    if hold_joints:
        if len(shape) != 3 or shape[2] != 3:
            raise MateError(f"{file}: shape {tuple(shape)}; expected (frames, joints, 3).")
        return kind_of_joints(shape[1], str(file))
    if len(shape) != 2:
        raise MateError(f"{file}: shape {tuple(shape)}; expected (frames, features).")
    return kind_of_width(shape[1], str(file))
