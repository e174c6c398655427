"""Folders of real and generated motions, checked against each other before anything is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.motion_files import FEATURES_FOLDER, JOINTS_FOLDER, MotionFiles, motion_folder, motion_names
from mate_hf.data.plausibility import Oddities, judged
from mate_hf.data.split_lists import read_listed
from mate_hf.errors import MateError
from mate_hf.utils.workers import shares

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
    written_in: Coordinates = field(default_factory=Coordinates)


def open_generated(folder: Path, real: MotionFiles, written_in: Coordinates | None = None) -> Generated:
    """A folder of motions, or of folders that each hold one generation of the split.

    Args:
        real: the motions they are compared with; where ids of these name inner folders, those are no generations.
        written_in: units, axes and frame rate of the generated motions.

    Raises:
        MateError: neither.
    """
    if not folder.is_dir():
        raise MateError(f"{folder}: no such folder.")
    written_in = written_in or Coordinates()
    parts = sorted(part for part in folder.iterdir() if part.is_dir() and motion_names(part))
    whole = motion_names(folder) or any(part.name in (FEATURES_FOLDER, JOINTS_FOLDER) for part in parts)
    nested = {name.split("/")[0] for name in real.names() if "/" in name}
    if whole or not parts or {part.name for part in parts} <= nested:
        return Generated([motion_folder(folder, written_in)], written_in)
    return Generated([motion_folder(part, written_in) for part in parts], written_in)


def shared_names(real: MotionFiles, generated: Generated, ids: Path | None) -> tuple[list[str], int]:
    """Ids to measure, and how many real motions are left out as too short or too long for the field.

    Args:
        ids: a split list, an id a line; by default every real motion.

    Raises:
        MateError: an id without a motion on either side.
    """
    names = real.names() if ids is None else read_listed(ids)
    _require(names, real, "no real motion")
    for files in generated.repeats:
        _require(names, files, "no generated motion")
    lengths = {name: real.frames(name) for name in names}
    kept = [name for name in names if real.kind.shortest <= lengths[name] < real.kind.longest]
    if not kept:
        raise MateError(
            f"{real.folder if ids is None else ids}: no motion to measure: {len(names)} ids, {len(names)} of them too short or too long "
            f"(expected {real.kind.shortest} to {real.kind.longest - 1} frames)."
        )
    return kept, len(names) - len(kept)


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
    ratios = np.array([files.frames(name) / max(real.frames(name), 1) for name in names])
    middle = float(np.median(ratios))
    spread = float(np.quantile(ratios, 0.9) - np.quantile(ratios, 0.1)) / max(middle, 1e-9)
    if not 0.8 < middle < 1.25 and spread < LIKE_SPEED:
        raise MateError(
            f"{files.folder}: motions are {middle:.2f} times as long as the real ones of the same id, nearly all of them: they look "
            f"written at {real.kind.fps * middle:.1f} fps. Give --fps and their rate, and they are resampled to {real.kind.fps:g}."
        )
    if not files.hold_joints and names:
        height = float(np.mean([files.features(name)[:, HEIGHT].mean() for name in names[:20]]))
        usual = float(np.mean([real.features(name)[:, HEIGHT].mean() for name in names[:20]]))
        if usual > 0.3 and abs(height) < 0.25 * usual:
            raise MateError(
                f"{files.folder}: roots are {height:.2f} high on average, those of real motions {usual:.2f}: the features look "
                "normalised. Save them as features * Std + Mean."
            )


def in_batches(
    files: MotionFiles, names: Sequence[str], size: int, oddities: Oddities
) -> Iterator[list[NDArray[np.float32]]]:
    """Features of the named motions, a batch at a time; what is odd about them goes to `oddities`.

    Raises:
        MateError: a motion that cannot be read, or that no human can have made.
    """
    for share in shares(names, size):
        motions = [files.features(name) for name in share]
        for name, verdict in zip(share, judged(motions, files.kind, files.written_in), strict=True):
            if verdict.refusal:
                raise MateError(f"{files.path(name)}: {verdict.refusal}")
            oddities.note(name, verdict.odd)
        yield motions


def _require(names: Sequence[str], files: MotionFiles, what: str) -> None:
    there = set(files.names())
    missing = [name for name in names if name not in there]
    if missing:
        raise MateError(
            f"{files.folder}: {what} for {len(missing)} of {len(names)} ids ({', '.join(missing[:5])}"
            f"{', ...' if len(missing) > 5 else ''}). Generate them, or name the ids to measure with --ids LIST."
        )
