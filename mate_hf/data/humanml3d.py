"""A HumanML3D or KIT-ML folder as a corpus: one row for each caption of each motion slice, and each motion once.

The folder holds `new_joint_vecs/<id>.npy` (features) or `new_joints/<id>.npy` (joints), `texts/<id>.txt`,
`train.txt`, `val.txt` (or `validation.txt`), `test.txt` (ids, mirrored `M...` ones included where listed), and
perhaps `Mean.npy` and `Std.npy`. Nothing is ever written into it.

Rules of the field, kept: a training or validation clip has `kind.shortest` <= frames < `kind.longest` and so
has the motion it is cut from; a caption with times describes the sub-clip between them.

Unlike most code of the field, the test split is never filtered by length (leaving out what is hard to
describe would flatter every score), and times become frames by the frame rate of the corpus: 12.5 for KIT-ML,
where others take 20.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.assembled import Corpus
from mate_hf.data.caption_rows import CaptionRows
from mate_hf.data.coordinates import Coordinates
from mate_hf.data.corpus_licence import own_licence
from mate_hf.data.kinds import CROP_UNIT
from mate_hf.data.motion_files import MotionFiles, find_motion_files
from mate_hf.data.opened_clips import OpenedClip, open_clip
from mate_hf.data.plausibility import Oddities, judged
from mate_hf.data.plausible_folder import require_plausible_files
from mate_hf.data.report import Refusal, Report, SplitCounts
from mate_hf.data.split import FIRST_FRAME, MOTION_ROW, Split
from mate_hf.data.split_lists import SPLITS, find_list, read_ids
from mate_hf.data.statistics import MEAN_FILE, STD_FILE, RunningStatistics, load_statistics
from mate_hf.data.stored_motions import NamedMotion, motions_to_disk
from mate_hf.errors import MateError
from mate_hf.text.caption_lines import Annotation
from mate_hf.utils.workers import FEW_MOTIONS, fair_workers, ordered_map, shares

SHARE = 16
"""Motions that a worker opens at a time, and that are judged together."""


def read_corpus(
    folder: str | Path,
    cache_dir: str | Path | None = None,
    legacy_sign: bool = False,
    workers: int | None = 1,
    kept: Path | None = None,
    written_in: Coordinates | None = None,
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
        written_in: units, axes and frame rate of the motions, where these are not the kind's.

    Raises:
        MateError: no such folder, no split list, no motions, no usable training row, or motions that no human can have made
            (`require_plausible`).
    """
    folder = Path(folder)
    reader = FolderReader.open(folder, legacy_sign, workers, written_in)
    reader.motions = replace(reader.motions, kept=kept)
    table = motions_to_disk(reader.stored_motions, reader.motions.kind, cache_dir)
    splits = {}
    for name, rows in reader.rows.items():
        if captions := rows.dataset():
            splits[name] = Split(captions, table)
        elif name != "train":
            reader.report.warnings.append(f"{name}: no usable row, so the corpus has no such split.")
    if "train" not in splits:
        raise MateError(f"{folder}: the training split has no usable row.\n{reader.report.summary()}")
    mean, std = reader.mean_and_std()
    reader.report.warnings += reader.oddities.sentences()
    return Corpus(splits, reader.motions.kind, mean, std, reader.report)


def keep_features(
    folder: Path, kept: Path, process: int, processes: int, written_in: Coordinates | None = None
) -> None:
    """Turn this process's part of a folder of joints into features and keep them: `read_corpus` finds them there.

    Raises:
        MateError: see `read_corpus`.
    """
    reader = FolderReader.open(folder, written_in=written_in)
    motions = replace(reader.motions, kept=kept)
    if motions.hold_joints:
        names = dict.fromkeys(name for listed in reader.ids.values() for name in listed)
        for name in list(names)[process::processes]:
            open_clip(motions, folder, name)


@dataclass
class FolderReader:
    """Goes through a corpus folder, yields its motions and keeps the book on what it meets.

    Attributes:
        rows: of each split, the captions that were met so far.
    """

    folder: Path
    ids: dict[str, list[str]]
    motions: MotionFiles
    report: Report
    workers: int = 1
    statistics: RunningStatistics = field(init=False)
    rows: dict[str, CaptionRows] = field(init=False)

    def __post_init__(self) -> None:
        self.statistics = RunningStatistics(self.motions.kind)
        self.rows = {name: CaptionRows() for name in self.ids}
        self.oddities = Oddities()
        self._stored: dict[str, int] = {}

    @classmethod
    def open(
        cls,
        folder: Path,
        legacy_sign: bool = False,
        workers: int | None = 1,
        written_in: Coordinates | None = None,
    ) -> FolderReader:
        """Read the split lists, find out what the motions are, and look at some of them.

        Raises:
            MateError: see `read_corpus`.
        """
        if not folder.is_dir():
            raise MateError(f"{folder}: no such folder.")
        lists = {name: _read_list(find_list(folder, name)) for name in SPLITS}
        if not lists["train"]:
            state = "missing" if lists["train"] is None else "empty"
            raise MateError(
                f"{folder / 'train.txt'}: {state}; expected the ids of the training split, one a line."
            )
        ids = {name: list(dict.fromkeys(listed)) for name, listed in lists.items() if listed}
        every = list(dict.fromkeys(name for listed in ids.values() for name in listed))
        motions = find_motion_files(folder, every, legacy_sign, written_in)
        report = Report(
            str(folder),
            motions.kind.name,
            motions.folder.name,
            licence=own_licence(folder),
            written_in=motions.written_in.to_json(),
        )
        report.warnings += [motions.warning] if motions.warning else []
        report.warnings += require_plausible_files(motions, every)
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

    def stored_motions(self) -> Iterator[NamedMotion]:
        """Every motion that a caption speaks of, once, in the order of the split lists; fills `rows`."""
        for split, names in self.ids.items():
            with ordered_map(min(self.workers, len(names) // SHARE + 1), SHARE) as mapped:
                met = zip(names, mapped(partial(open_clip, self.motions, self.folder), names), strict=True)
                for name, opened in self._judged(met):
                    motion, rows = self._rows(split, name, opened)
                    if not rows:
                        continue
                    if name not in self._stored:
                        self._stored[name] = len(self._stored)
                        yield name, motion
                    self.rows[split].add({**row, MOTION_ROW: self._stored[name]} for row in rows)

    def _judged(self, met: Iterator[tuple[str, OpenedClip]]) -> Iterator[tuple[str, OpenedClip]]:
        """Clips as they are met; those that no human can have made are refused."""
        for share in shares(met, SHARE):
            verdicts = judged(
                [opened.motion for _, opened in share], self.motions.kind, self.motions.written_in
            )
            for (name, opened), verdict in zip(share, verdicts, strict=True):
                if verdict.refusal:
                    opened = opened.refused(f"{self.motions.path(name)}: {verdict.refusal}")
                elif opened.annotations:
                    self.oddities.note(name, verdict)
                yield name, opened

    def _rows(
        self, split: str, name: str, opened: OpenedClip
    ) -> tuple[NDArray[np.float32], list[dict[str, Any]]]:
        """A motion and the rows of its captions, counted."""
        motion, annotations = self._usable(split, name, opened)
        found = (self._row(split, name, len(motion), annotation) for annotation in annotations)
        rows = [row for row in found if row is not None]
        clips = {row["clip"]: row["length"] for row in rows}
        counts = self.report.splits[split]
        counts.rows += len(rows)
        counts.motions += bool(clips)
        counts.clips += len(clips)
        counts.frames += sum(clips.values())
        if clips and split == "train":
            self.statistics.add(motion)
        return motion, rows

    def mean_and_std(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The folder's own statistics, or those of the training motions, each counted once."""
        given = load_statistics(self.folder, self.motions.kind)
        if given is not None and self.motions.written_in.change(self.motions.kind):
            self.report.warnings.append(
                f"{MEAN_FILE} and {STD_FILE} are of the motions before they were converted: not used."
            )
            given = None
        if given is not None:
            self.report.statistics_from = "files"
            mean, std, lifted = given
            self.report.warnings += lifted
            return mean, std
        self.report.statistics_from = "training split"
        mean, std, constant = self.statistics.result()
        self.report.warnings += constant
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

    def _row(self, split: str, name: str, frames: int, annotation: Annotation) -> dict[str, Any] | None:
        """One caption with the frames it describes, or None where it is left out or refused."""
        fps = self.motions.kind.fps
        row = {"id": name, "clip": name, "caption": annotation.caption, "start": 0.0, "end": frames / fps}
        if annotation.whole:
            return {**row, FIRST_FRAME: 0, "length": frames}
        first, end = int(annotation.start * fps), int(annotation.end * fps)
        if first >= frames:
            times = f"from {annotation.start:g} s to {annotation.end:g} s of {frames / fps:g} s"
            self._refuse(split, name, f"texts/{name}.txt: {annotation.caption!r} lies {times}.")
            return None
        if end > frames:
            self.report.splits[split].adjust("captions that end after their motion, cut to it")
        length = min(end, frames) - first
        rule = self._excluding_rule(split, length)
        if rule:
            self.report.splits[split].exclude(f"captions of sub-clips {rule}")
            return None
        return row | {
            "clip": f"{name}_{annotation.start}_{annotation.end}",
            "start": annotation.start,
            "end": min(annotation.end, frames / fps),
            FIRST_FRAME: first,
            "length": length,
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


def _read_list(file: Path) -> list[str] | None:
    """The ids of a split list, None where there is no file."""
    try:
        return read_ids(file)
    except FileNotFoundError:
        return None
