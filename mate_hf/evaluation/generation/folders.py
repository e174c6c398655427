"""Folders of real and generated motions, checked against each other before anything is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.motion_files import MotionFiles, motion_folder, motion_names
from mate_hf.errors import MateError

HEIGHT = 3
"""Feature of a frame that is the root's height above the ground."""

LIKE_SPEED = 0.02
"""Lengths that stand in one ratio to the real ones, but for this spread, were written at another frame rate."""


@dataclass(frozen=True)
class Generated:
    """A model's output: one generation of the split, or several.

    Attributes:
        repeats: one folder a generation of the whole split, each a repeat of the measurement.
    """

    repeats: list[MotionFiles]


def open_generated(folder: Path) -> Generated:
    """A folder of motions, or of folders that each hold one generation of the split.

    Raises:
        MateError: neither.
    """
    if not folder.is_dir():
        raise MateError(f"{folder}: no such folder.")
    parts = sorted(part for part in folder.iterdir() if part.is_dir() and motion_names(part))
    whole = motion_names(folder) or any(part.name in ("new_joint_vecs", "new_joints") for part in parts)
    return Generated(
        [motion_folder(folder)] if whole or not parts else [motion_folder(part) for part in parts]
    )


def shared_names(real: MotionFiles, generated: Generated, ids: Path | None) -> tuple[list[str], int]:
    """Ids to measure, and how many real motions are left out as too short or too long for the field.

    Args:
        ids: a split list, an id a line; by default every real motion.

    Raises:
        MateError: an id without a motion on either side.
    """
    names = motion_names(real.folder) if ids is None else _listed(ids)
    _require(names, real, "no real motion")
    for files in generated.repeats:
        _require(names, files, "no generated motion")
    lengths = {name: frames(real, name) for name in names}
    kept = [name for name in names if real.kind.shortest <= lengths[name] < real.kind.longest]
    return kept, len(names) - len(kept)


def frames(files: MotionFiles, name: str) -> int:
    """Length of a motion, from the head of its file; 0 where the file is damaged, which reading it will tell."""
    try:
        return len(np.load(files.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
    except (ValueError, OSError, EOFError, TypeError):
        return 0


def require_alike(real: MotionFiles, files: MotionFiles, names: Sequence[str]) -> None:
    """Generated motions must be of the real ones' kind, frame rate and scale.

    Raises:
        MateError: another skeleton or width; lengths that stand in one ratio to the real ones; normalised features.
    """
    if files.kind is not real.kind:
        raise MateError(
            f"{files.folder}: motions of {files.kind.name} ({files.kind.width} features, {files.kind.fps:g} fps); the real ones in "
            f"{real.folder} are {real.kind.name} ({real.kind.width} features, {real.kind.fps:g} fps)."
        )
    ratios = np.array([frames(files, name) / max(frames(real, name), 1) for name in names])
    middle = float(np.median(ratios))
    spread = float(np.quantile(ratios, 0.9) - np.quantile(ratios, 0.1)) / max(middle, 1e-9)
    if not 0.8 < middle < 1.25 and spread < LIKE_SPEED:
        raise MateError(
            f"{files.folder}: motions are {middle:.2f} times as long as the real ones of the same id, nearly all of them: they look "
            f"written at {real.kind.fps * middle:.1f} fps. Resample them to {real.kind.fps:g} fps."
        )
    if not files.hold_joints and names:
        height = float(np.mean([files.features(name)[:, HEIGHT].mean() for name in names[:20]]))
        usual = float(np.mean([real.features(name)[:, HEIGHT].mean() for name in names[:20]]))
        if usual > 0.3 and abs(height) < 0.25 * usual:
            raise MateError(
                f"{files.folder}: roots are {height:.2f} high on average, those of real motions {usual:.2f}: the features look "
                "normalised. Save them as features * Std + Mean."
            )


def in_batches(files: MotionFiles, names: Sequence[str], size: int) -> Iterator[list[NDArray[np.float32]]]:
    """Features of the named motions, a batch at a time."""
    for start in range(0, len(names), size):
        yield [files.features(name) for name in names[start : start + size]]


def _listed(ids: Path) -> list[str]:
    try:
        names = ids.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise MateError(f"{ids}: cannot be read ({error}); expected an id a line.") from error
    if len(set(names)) < len(names):
        raise MateError(f"{ids}: {len(names) - len(set(names))} ids stand there more than once.")
    return names


def _require(names: Sequence[str], files: MotionFiles, what: str) -> None:
    there = set(motion_names(files.folder))
    missing = [name for name in names if name not in there]
    if missing:
        raise MateError(
            f"{files.folder}: {what} for {len(missing)} of {len(names)} ids ({', '.join(missing[:5])}"
            f"{', ...' if len(missing) > 5 else ''}). Generate them, or name the ids to measure with --ids LIST."
        )
