"""A corpus in use, and its form on disk: a saved `DatasetDict` with Mean.npy, Std.npy and report.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from datasets import Array2D, Dataset, DatasetDict, Features, Value, load_from_disk
from numpy.typing import NDArray

from mate_hf.data.columns import MotionColumn
from mate_hf.data.kinds import MotionKind, kind_of_width
from mate_hf.data.report import Report, SplitCounts
from mate_hf.data.statistics import MEAN_FILE, STD_FILE, RunningStatistics, load_statistics
from mate_hf.errors import MateError
from mate_hf.utils.files import written_whole

REPORT_FILE = "report.json"
PREPARED_MARK = "dataset_dict.json"
"""The file by which `DatasetDict.save_to_disk` folders are known."""

NEEDED_COLUMNS = ("id", "caption", "motion", "length")

SEGMENT_COLUMNS = ("sub_texts", "segments")
"""What `mate localize` adds and training reads."""


@dataclass
class Corpus:
    """Captioned motions with what is needed to use them.

    Attributes:
        splits: `train` and, where the corpus has them, `val` and `test`. A row is one caption: `id` of the
            motion, `clip` (one name for each different slice of a motion), `caption`, `motion` (length,
            width) float32, not normalised, `length` in frames, `start` and `end` of the slice in seconds.
        kind: joints, frame rate and feature layout.
        mean, std: (width,) float32 of the training motions; std averaged within feature groups.
        report: what was read, left out and refused.
    """

    splits: DatasetDict
    kind: MotionKind
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    report: Report

    def split(self, name: str, where: str = "the corpus") -> Dataset:
        """A split by its name.

        Args:
            where: it was looked for, for the message.

        Raises:
            MateError: there is none of that name.
        """
        if name not in self.splits:
            raise MateError(f"split {name!r}: {where} holds {', '.join(self.splits)}.")
        return self.splits[name]


def is_localized(split: Dataset) -> bool:
    """Whether a split says which part of a motion each sub-text speaks of."""
    return all(column in split.column_names for column in SEGMENT_COLUMNS)


def row_features(kind: MotionKind) -> Features:
    """Column types of a split."""
    return Features(
        {
            "id": Value("string"),
            "clip": Value("string"),
            "caption": Value("string"),
            "motion": Array2D((None, kind.width), "float32"),
            "length": Value("int32"),
            "start": Value("float32"),
            "end": Value("float32"),
        }
    )


def save_corpus(corpus: Corpus, out: str | Path, overwrite: bool = False) -> None:
    """Write a corpus that `load_corpus` and plain `datasets.load_from_disk` open, whole or not at all.

    Raises:
        MateError: `out` exists and `overwrite` is false, or it cannot be written.
    """
    with written_whole(out, overwrite) as fresh:
        corpus.splits.save_to_disk(fresh)
        np.save(fresh / MEAN_FILE, corpus.mean)
        np.save(fresh / STD_FILE, corpus.std)
        report = json.dumps(corpus.report.to_json(), indent=2, ensure_ascii=False)
        (fresh / REPORT_FILE).write_text(report + "\n", encoding="utf-8")


def load_corpus(path: str | Path) -> Corpus:
    """Open a prepared folder; motions stay on disk, memory-mapped.

    Raises:
        MateError: not a prepared folder, damaged, or without the columns of a corpus.
    """
    path = Path(path)
    if not (path / PREPARED_MARK).is_file():
        raise MateError(f"{path}: not a prepared corpus (no {PREPARED_MARK}). Make one with `mate prepare`.")
    try:
        splits = load_from_disk(path)
        report_file = path / REPORT_FILE
        report = (
            Report.from_json(json.loads(report_file.read_text("utf-8"))) if report_file.exists() else None
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MateError(f"{path}: a damaged prepared corpus ({error}). Prepare it again.") from error
    return assemble(splits, str(path), report, path)


def assemble(
    splits: DatasetDict, source: str, report: Report | None = None, folder: Path | None = None
) -> Corpus:
    """A corpus of ready splits; empty ones are left out, and without a column `clip` each id is a clip.

    Statistics come from `folder` or, where it has none, from the training rows.

    Raises:
        MateError: a column is missing or of another type, or there is no training split.
    """
    splits = DatasetDict({name: split for name, split in splits.items() if len(split)})
    if "train" not in splits:
        raise MateError(
            f"{source}: splits {', '.join(splits) or 'none'}; expected a training split with rows."
        )
    for name, split in list(splits.items()):
        missing = [column for column in NEEDED_COLUMNS if column not in split.column_names]
        if missing:
            found = ", ".join(split.column_names)
            raise MateError(f"{source}, split {name}: columns {found}; {', '.join(missing)} missing.")
        if "clip" not in split.column_names:
            splits[name] = split.add_column("clip", split["id"])
    kind = kind_of_width(motion_width(splits["train"], source), f"{source}, column motion")
    report = report or _counted(splits, source, kind)
    statistics = load_statistics(folder, kind) if folder else None
    if statistics is None:
        mean, std = _statistics_of_rows(splits["train"], kind)
        report.statistics_from = "training split"
    else:
        mean, std = statistics
    return Corpus(splits, kind, mean, std, report)


def motion_width(split: Dataset, source: str) -> int:
    """Features a frame, by the type of the column `motion`.

    Raises:
        MateError: the column is not a float32 `Array2D`.
    """
    column = split.features["motion"]
    if not isinstance(column, Array2D) or column.dtype != "float32":
        raise MateError(f"{source}: column motion is {column}; expected Array2D((None, width), 'float32').")
    return int(column.shape[1])


def _statistics_of_rows(train: Dataset, kind: MotionKind) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    statistics, motions = RunningStatistics(kind), MotionColumn(train)
    for row in first_rows_of_clips(train):
        statistics.add(motions[row])
    mean, std, _ = statistics.result()
    return mean, std


def first_rows_of_clips(split: Dataset) -> list[int]:
    """The row of each clip's first caption, ascending."""
    return sorted({clip: row for row, clip in reversed(list(enumerate(split["clip"])))}.values())


def _counted(splits: DatasetDict, source: str, kind: MotionKind) -> Report:
    report = Report(source, kind.name, "prepared", "files")
    for name, split in splits.items():
        clips = first_rows_of_clips(split)
        lengths, motions = split["length"], len(set(split["id"]))
        frames = sum(lengths[row] for row in clips)
        report.splits[name] = SplitCounts(motions, motions, len(clips), len(split), frames)
    return report
