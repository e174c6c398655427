"""A HumanML3D or KIT-ML folder as a `datasets.DatasetDict`, one row for each caption of each motion slice.

The folder holds `new_joint_vecs/<id>.npy` (features) or `new_joints/<id>.npy` (joints), `texts/<id>.txt`,
`train.txt`, `val.txt`, `test.txt` (ids, mirrored `M...` ones included where listed), and perhaps `Mean.npy`
and `Std.npy`. Nothing is ever written into it.

Rules of the field, kept: a training or validation clip has `kind.shortest` <= frames < `kind.longest` and so
has the motion it is cut from; a caption with times describes the sub-clip between them.

Unlike most code of the field, the test split is never filtered by length (leaving out what is hard to
describe would flatter every score), and times become frames by the frame rate of the corpus: 12.5 for KIT-ML,
where others take 20.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset, DatasetDict
from datasets.exceptions import DatasetGenerationError
from numpy.typing import NDArray

from mate_hf.data.captions_file import Annotation
from mate_hf.data.kinds import CROP_UNIT
from mate_hf.data.motion_files import MotionFiles, find_motion_files
from mate_hf.data.opened_clips import OpenedClip, open_clip
from mate_hf.data.prepared import Corpus, row_features
from mate_hf.data.report import Refusal, Report, SplitCounts
from mate_hf.data.statistics import RunningStatistics, load_statistics
from mate_hf.errors import MateError
from mate_hf.utils.workers import FEW_MOTIONS, fair_workers, ordered_map

SPLITS = ("train", "val", "test")

SHARE = 16
"""Motions that a worker opens at a time."""

ROWS_IN_MEMORY = 100
"""Rows gathered before they go to disk."""


def read_corpus(
    folder: str | Path,
    cache_dir: str | Path | None = None,
    legacy_sign: bool = False,
    workers: int | None = 1,
    kept: Path | None = None,
) -> Corpus:
    """Read a HumanML3D or KIT-ML folder.

    Motions go to disk one by one, never into memory together. The same folder gives the same rows in the same
    order. What cannot be used is left out and named in `Corpus.report`.

    Args:
        folder: the corpus.
        cache_dir: where the rows lie until the process ends; by default the system's folder for temporary
            files.
        legacy_sign: for a folder of joints, see `joints_to_features`.
        workers: processes that open motions; None: one a core where these are many. The rows do not depend on it.
        kept: folder that keeps the features of joints, for a broken run to go on.

    Raises:
        MateError: no such folder, no split list, no motions, or no usable training row.
    """
    folder = Path(folder)
    reader = FolderReader.open(folder, legacy_sign, workers)
    reader.motions = replace(reader.motions, kept=kept)
    storage = _temporary_folder(cache_dir)
    splits = DatasetDict()
    for name in reader.ids:
        rows = _to_disk(reader, name, storage)
        if rows is not None:
            splits[name] = rows
        elif name != "train":
            reader.report.warnings.append(f"{name}: no usable row, so the corpus has no such split.")
    if "train" not in splits:
        raise MateError(f"{folder}: the training split has no usable row.\n{reader.report.summary()}")
    mean, std = reader.mean_and_std()
    return Corpus(splits, reader.motions.kind, mean, std, reader.report)


@dataclass
class FolderReader:
    """Goes through a corpus folder, yields its rows and keeps the book on what it meets."""

    folder: Path
    ids: dict[str, list[str]]
    motions: MotionFiles
    report: Report
    workers: int = 1
    statistics: RunningStatistics = field(init=False)

    def __post_init__(self) -> None:
        self.statistics = RunningStatistics(self.motions.kind)

    @classmethod
    def open(cls, folder: Path, legacy_sign: bool = False, workers: int | None = 1) -> FolderReader:
        """Read the split lists and find out what the motions are.

        Raises:
            MateError: see `read_corpus`.
        """
        if not folder.is_dir():
            raise MateError(f"{folder}: no such folder.")
        lists = {name: _read_list(folder / f"{name}.txt") for name in SPLITS}
        if not lists["train"]:
            state = "missing" if lists["train"] is None else "empty"
            raise MateError(
                f"{folder / 'train.txt'}: {state}; expected the ids of the training split, one a line."
            )
        ids = {name: list(dict.fromkeys(listed)) for name, listed in lists.items() if listed}
        every = list(dict.fromkeys(name for listed in ids.values() for name in listed))
        motions = find_motion_files(folder, every, legacy_sign)
        report = Report(str(folder), motions.kind.name, motions.folder.name)
        for name in SPLITS:
            if name not in ids:
                state = "missing" if lists[name] is None else "empty"
                report.warnings.append(f"{name}.txt: {state}, so the corpus has no {name} split.")
                continue
            counts = report.splits[name] = SplitCounts(listed=len(ids[name]))
            if twice := len(lists[name] or ()) - len(ids[name]):
                counts.exclude("ids listed twice", twice)
        if shared := sum(len(listed) for listed in ids.values()) - len(every):
            report.warnings.append(f"{shared} ids are in more than one split list.")
        if workers is None:
            workers = fair_workers(len(every), FEW_MOTIONS)
        return cls(folder, ids, motions, report, workers)

    def rows(self, split: str) -> Iterator[dict[str, Any]]:
        """The rows of a split in the order of its list."""
        counts, names = self.report.splits[split], self.ids[split]
        with ordered_map(min(self.workers, len(names) // SHARE + 1), SHARE) as mapped:
            for name, opened in zip(
                names, mapped(partial(open_clip, self.motions, self.folder), names), strict=True
            ):
                motion, annotations = self._usable(split, name, opened)
                clips: dict[str, int] = {}
                for annotation in annotations:
                    row = self._row(split, name, motion, annotation)
                    if row is not None:
                        clips[row["clip"]] = row["length"]
                        counts.rows += 1
                        yield row
                counts.motions += bool(clips)
                counts.clips += len(clips)
                counts.frames += sum(clips.values())
                if clips and split == "train":
                    self.statistics.add(motion)

    def mean_and_std(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The folder's own statistics, or those of the training motions, each counted once."""
        given = load_statistics(self.folder, self.motions.kind)
        if given is not None:
            self.report.statistics_from = "files"
            return given
        self.report.statistics_from = "training split"
        mean, std, constant = self.statistics.result()
        if constant:
            self.report.warnings.append(
                f"{', '.join(constant)} never changes in training; its Std is set to 1."
            )
        return mean, std

    def _usable(
        self, split: str, name: str, opened: OpenedClip
    ) -> tuple[NDArray[np.float32], list[Annotation]]:
        """The motion and its annotations; none of these where they are left out."""
        for problem in opened.problems:
            self._refuse(split, name, problem)
        rule = self._excluding_rule(split, len(opened.motion))
        if rule and opened.annotations:
            self.report.splits[split].exclude(f"motions {rule}")
            return opened.motion, []
        return opened.motion, opened.annotations

    def _row(
        self, split: str, name: str, motion: NDArray[np.float32], annotation: Annotation
    ) -> dict[str, Any] | None:
        """One caption with the frames it describes, or None where it is left out or refused."""
        fps, frames = self.motions.kind.fps, len(motion)
        row = {"id": name, "clip": name, "caption": annotation.caption, "start": 0.0, "end": frames / fps}
        if annotation.whole:
            return {**row, "motion": motion, "length": frames}
        first, end = int(annotation.start * fps), int(annotation.end * fps)
        if first >= frames:
            times = f"from {annotation.start:g} s to {annotation.end:g} s of {frames / fps:g} s"
            self._refuse(split, name, f"texts/{name}.txt: {annotation.caption!r} lies {times}.")
            return None
        if end > frames:
            self.report.splits[split].adjust("captions that end after their motion, cut to it")
        clip = motion[first:end]
        rule = self._excluding_rule(split, len(clip))
        if rule:
            self.report.splits[split].exclude(f"captions of sub-clips {rule}")
            return None
        return row | {
            "clip": f"{name}_{annotation.start}_{annotation.end}",
            "start": annotation.start,
            "end": min(annotation.end, frames / fps),
            "motion": clip,
            "length": len(clip),
        }

    def _excluding_rule(self, split: str, frames: int) -> str | None:
        kind = self.motions.kind
        shortest = CROP_UNIT if split == "test" else kind.shortest
        if frames < shortest:
            return f"shorter than {shortest} frames"
        if split != "test" and frames >= kind.longest:
            return f"of {kind.longest} frames or more"
        return None

    def _refuse(self, split: str, name: str, reason: str) -> None:
        self.report.refused.append(Refusal(split, name, reason))


def _to_disk(reader: FolderReader, split: str, cache_dir: str) -> Dataset | None:
    """The rows of a split, memory-mapped; None where there are none, which `datasets` cannot express."""
    try:
        return Dataset.from_generator(
            reader.rows,
            features=row_features(reader.motions.kind),
            gen_kwargs={"split": split},
            cache_dir=cache_dir,
            writer_batch_size=ROWS_IN_MEMORY,
        )
    except DatasetGenerationError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        raise MateError(
            f"the rows of {split} could not be written to {cache_dir}: {error.__cause__}. "
            "Name another cache folder."
        ) from error
    except ValueError:
        if reader.report.splits[split].rows:
            raise
        return None


def _read_list(file: Path) -> list[str] | None:
    """The ids of a split list, None where there is no file."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise MateError(f"{file}: not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    except OSError as error:
        raise MateError(f"{file}: cannot be read ({error.strerror}).") from error
    return [line.strip() for line in text.split("\n") if line.strip()]


def _temporary_folder(parent: str | Path | None) -> str:
    # Removed at exit and not with the corpus: a Dataset made from its rows may outlive it, and so may a worker's.
    try:
        if parent is not None:
            Path(parent).mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(prefix="mate-corpus-", dir=parent)
    except OSError as error:
        raise MateError(
            f"cannot keep the corpus in {parent or tempfile.gettempdir()}: {error.strerror}."
        ) from error
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
