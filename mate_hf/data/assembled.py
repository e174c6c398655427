"""A corpus in use, put together from tables of captions and motions, whoever made them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from datasets import Array2D, Dataset, DatasetDict
from numpy.typing import NDArray

from mate_hf.data.columns import MotionColumn
from mate_hf.data.kinds import MotionKind, kind_of_width
from mate_hf.data.motion_files import FEATURES_FOLDER, JOINTS_FOLDER
from mate_hf.data.report import Report, SplitCounts
from mate_hf.data.split import FIRST_FRAME, MOTION_ROW, Split, first_rows_of_clips
from mate_hf.data.split_lists import NAMES_OF_VAL
from mate_hf.data.statistics import RunningStatistics, load_statistics
from mate_hf.data.stored_motions import MOTIONS_FOLDER, mark_of
from mate_hf.data.unusable_rows import Usable, usable_rows
from mate_hf.data.whole_tables import require_places
from mate_hf.errors import MateError
from mate_hf.utils.foreign_paths import inside


@dataclass
class Corpus:
    """Captioned motions with what is needed to use them.

    Attributes:
        splits: `train` and, where the corpus has them, `val` and `test`.
        kind: joints, frame rate and feature layout.
        mean, std: (width,) float32 of the training motions; std averaged within feature groups.
        report: what was read, left out and refused.
        stored: the folder in which the motions lie saved, where they do.
    """

    splits: dict[str, Split]
    kind: MotionKind
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    report: Report
    stored: Path | None = None

    def split(self, name: str, where: str = "the corpus") -> Split:
        """A split by its name.

        Args:
            where: it was looked for, for the message.

        Raises:
            MateError: there is none of that name.
        """
        if name not in self.splits:
            raise MateError(f"split {name!r}: {where} holds {', '.join(self.splits)}.")
        return self.splits[name]

    def require_width(self, width: int, model: str) -> None:
        """Make sure that a model reads motions of this kind.

        Args:
            width: features a frame that it was trained on.
            model: what to call it.

        Raises:
            MateError: they are of another kind.
        """
        if width != self.kind.width:
            raise MateError(
                f"{model} reads {width} features a frame; the corpus has {self.kind.width} ({self.kind.name}). Train or convert one "
                "for this kind of corpus."
            )

    def captions(self) -> DatasetDict:
        """The captions of every split, as `datasets` knows them."""
        return DatasetDict({name: split.captions for name, split in self.splits.items()})


def assemble(
    captions: DatasetDict,
    source: str,
    table: Dataset | None = None,
    report: Report | None = None,
    folder: Path | None = None,
    leave_out: bool = False,
) -> Corpus:
    """A corpus of ready splits; empty ones are left out, and without a column `clip` each id is a clip, without `length` a
    caption speaks of all its motion.

    Statistics come from `folder` or, where it has none, from the training rows. Motions that this package has not checked
    already are read and checked.

    Args:
        table: the motions, where rows only name theirs.
        folder: of a prepared corpus.
        leave_out: whether rows that cannot be used are left out and reported, or refused.

    Raises:
        MateError: a column is missing or of another type, there is no training split, the name of one leads out of its folder, captions speak of frames that are not
            there, or motions cannot be used.
    """
    captions = DatasetDict({name: split for name, split in _named(captions, source).items() if len(split)})
    if "train" not in captions:
        raise MateError(
            f"{source}: splits {', '.join(captions) or 'none'}; expected a training split with rows."
        )
    splits: dict[str, Split] = {}
    for name, split in captions.items():
        # A split is a folder of what is written, by a name that came with the data.
        inside(Path(source), name, follow_links=True)
        needed = ("id", "caption", *(("motion",) if table is None else ("length", MOTION_ROW, FIRST_FRAME)))
        missing = [column for column in needed if column not in split.column_names]
        if missing:
            found = ", ".join(split.column_names)
            raise MateError(f"{source}, split {name}: columns {found}; {', '.join(missing)} missing.")
        if "clip" not in split.column_names:
            split = split.add_column("clip", split["id"])
        if "length" not in split.column_names:
            motion_width(split, f"{source}, split {name}")
            split = split.add_column("length", MotionColumn(split).lengths())
        splits[name] = Split(split, table)
    holder = captions["train"] if table is None else table
    kind = kind_of_width(motion_width(holder, source), f"{source}, column motion")
    if table is not None:
        for name, split in splits.items():
            require_places(split.captions, table, f"{source}, split {name}")
    changed = Usable(splits)
    if not _is_checked(report, table):
        changed = usable_rows(splits, kind, source)
        splits = _left(changed, source, leave_out)
    report = report or _counted(splits, source, kind)
    report.refused += changed.refused
    statistics = load_statistics(folder, kind) if folder else None
    if statistics is None:
        mean, std, constant = _statistics_of_clips(splits["train"], kind)
        report.statistics_from = "training split"
    else:
        mean, std, constant = statistics
    report.warnings += [
        warning for warning in (*changed.warnings, *constant) if warning not in report.warnings
    ]
    stored = None if table is None or folder is None else folder / MOTIONS_FOLDER
    return Corpus(splits, kind, mean, std, report, stored)


def _named(splits: DatasetDict, source: str) -> dict[str, Dataset]:
    """Splits under this package's names.

    Raises:
        MateError: two that would have the same.
    """
    named: dict[str, Dataset] = {}
    for name, split in splits.items():
        ours = "val" if name in NAMES_OF_VAL else name
        if ours in named:
            raise MateError(
                f"{source}: splits {', '.join(splits)}, of which two are a validation split. Remove one."
            )
        named[ours] = split
    return named


def _is_checked(report: Report | None, table: Dataset | None) -> bool:
    """Whether the motions are those that this package has read from a folder, or checked and saved."""
    if report is None:
        return False
    if report.checked:
        return table is not None and report.checked == mark_of(table)
    # Version 0.1 left no mark.
    return report.motions_from in (FEATURES_FOLDER, JOINTS_FOLDER)


def _left(changed: Usable, source: str, leave_out: bool) -> dict[str, Split]:
    """The splits without what cannot be used.

    Raises:
        MateError: something cannot, and is not to be left out; or nothing is left to train on.
    """
    if changed.refused and not leave_out:
        raise MateError(
            f"{source}: {len(changed.refused)} captions cannot be used, the first: {changed.refused[0].reason} `mate prepare {source} OUT` "
            "leaves them out."
        )
    splits = {name: split for name, split in changed.splits.items() if len(split)}
    if "train" not in splits:
        raise MateError(
            f"{source}: the training split has no usable row; the first: {changed.refused[0].reason}"
        )
    return splits


def motion_width(table: Dataset, source: str) -> int:
    """Features a frame, by the type of the column `motion`.

    Raises:
        MateError: the column is not a float32 `Array2D`.
    """
    column = table.features["motion"]
    if not isinstance(column, Array2D) or column.dtype != "float32":
        raise MateError(f"{source}: column motion is {column}; expected Array2D((None, width), 'float32').")
    return int(column.shape[1])


def _statistics_of_clips(
    train: Split, kind: MotionKind
) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
    statistics = RunningStatistics(kind)
    for row in first_rows_of_clips(train):
        statistics.add(train.motions[row])
    return statistics.result()


def _counted(splits: dict[str, Split], source: str, kind: MotionKind) -> Report:
    report = Report(source, kind.name, "prepared", "files")
    for name, split in splits.items():
        clips = first_rows_of_clips(split)
        lengths, motions = split["length"], len(set(split["id"]))
        frames = sum(lengths[row] for row in clips)
        report.splits[name] = SplitCounts(motions, motions, len(clips), len(split), frames)
    return report
