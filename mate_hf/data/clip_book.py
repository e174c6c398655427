"""The book on a corpus folder's clips, kept as they are met: rows of captions, counts, what was refused, sums for Mean and Std.

Whoever opens the clips, the folder's reader or shards that other machines left, the same clips in the same order make the same book.

Rules of the field, kept: a training or validation clip has `kind.shortest` <= frames < `kind.longest` and so
has the motion it is cut from; a caption with times describes the sub-clip between them.

Unlike most code of the field, the test split is never filtered by length (leaving out what is hard to
describe would flatter every score), and times become frames by the frame rate of the corpus: 12.5 for KIT-ML,
where others take 20.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets import Dataset

from mate_hf.data.assembled import Corpus
from mate_hf.data.caption_rows import CaptionRows
from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import CROP_UNIT, MotionKind
from mate_hf.data.opened_clips import OpenedClip
from mate_hf.data.plausibility import Oddities
from mate_hf.data.report import Refusal, Report
from mate_hf.data.split import FIRST_FRAME, MOTION_ROW, Split
from mate_hf.data.statistics import MEAN_FILE, STD_FILE, RunningStatistics, Vector, load_statistics
from mate_hf.data.stored_motions import NamedMotion
from mate_hf.errors import MateError
from mate_hf.text.caption_lines import Annotation


@dataclass
class ClipBook:
    """Takes clips split by split.

    Attributes:
        kind: of the motions.
        report: on the folder, its splits named and counted; what becomes of clips is added.
        rows: of each split, the captions that were met so far.
    """

    kind: MotionKind
    report: Report
    statistics: RunningStatistics = field(init=False)
    oddities: Oddities = field(init=False)
    rows: dict[str, CaptionRows] = field(init=False)

    def __post_init__(self) -> None:
        self.statistics = RunningStatistics(self.kind)
        self.oddities = Oddities()
        self.rows = {name: CaptionRows() for name in self.report.splits}
        self._stored: dict[str, int] = {}

    def stored(self, split: str, met: Iterable[tuple[str, OpenedClip]]) -> Iterator[NamedMotion]:
        """Those motions of a split that a caption speaks of, unless an earlier split had them; fills `rows`."""
        for name, opened in met:
            if opened.annotations:
                self.oddities.note(name, opened.odd)
            rows = self._rows(split, name, opened)
            if not rows:
                continue
            if name not in self._stored:
                self._stored[name] = len(self._stored)
                yield name, opened.motion
            self.rows[split].add({**row, MOTION_ROW: self._stored[name]} for row in rows)

    def place(self, name: str) -> int | None:
        """Which of the stored motions it is, from 0; None where it is not one of them so far."""
        return self._stored.get(name)

    def corpus(self, table: Dataset | None, folder: Path) -> Corpus:
        """The corpus of all that was met.

        Args:
            table: of the motions that were `stored`.
            folder: holds `Mean.npy` and `Std.npy`, where the corpus has its own.

        Raises:
            MateError: no training row, or statistics that cannot be used.
        """
        splits = {}
        for name, rows in self.rows.items():
            if captions := rows.dataset():
                splits[name] = Split(captions, table)
            elif name != "train":
                self.report.warnings.append(f"{name}: no usable row, so the corpus has no such split.")
        if "train" not in splits:
            raise MateError(
                f"{self.report.source}: the training split has no usable row.\n{self.report.summary()}"
            )
        mean, std = self._mean_and_std(folder)
        self.report.warnings += self.oddities.sentences()
        return Corpus(splits, self.kind, mean, std, self.report)

    def _mean_and_std(self, folder: Path) -> tuple[Vector, Vector]:
        """The folder's own statistics, or those of the training motions, each counted once."""
        given = load_statistics(folder, self.kind)
        if given is not None and Coordinates(**self.report.written_in).change(self.kind):
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

    def _rows(self, split: str, name: str, opened: OpenedClip) -> list[dict[str, Any]]:
        """The rows of a motion's captions, counted."""
        frames = len(opened.motion)
        annotations = self._usable(split, name, opened)
        found = (self._row(split, name, frames, annotation) for annotation in annotations)
        rows = [row for row in found if row is not None]
        clips = {row["clip"]: row["length"] for row in rows}
        counts = self.report.splits[split]
        counts.rows += len(rows)
        counts.motions += bool(clips)
        counts.clips += len(clips)
        counts.frames += sum(clips.values())
        if clips and split == "train":
            self.statistics.add(opened.motion)
        return rows

    def _usable(self, split: str, name: str, opened: OpenedClip) -> list[Annotation]:
        """The annotations of a clip; none of these where they are left out."""
        for problem in opened.problems:
            self._refuse(split, name, problem)
        rule = self._excluding_rule(split, len(opened.motion))
        if rule and opened.annotations:
            self.report.splits[split].exclude(f"motions {rule}")
            return []
        return opened.annotations

    def _row(self, split: str, name: str, frames: int, annotation: Annotation) -> dict[str, Any] | None:
        """One caption with the frames it describes, or None where it is left out or refused."""
        fps = self.kind.fps
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
        shortest = CROP_UNIT if split == "test" else self.kind.shortest
        if frames < shortest:
            return f"shorter than {shortest} frames"
        if split != "test" and frames >= self.kind.longest:
            return f"of {self.kind.longest} frames or more"
        return None

    def _refuse(self, split: str, name: str, reason: str) -> None:
        self.report.refused.append(Refusal(split, name, reason))
