"""A HumanML3D or KIT-ML folder as a corpus: one row for each caption of each motion slice, and each motion once.

The folder holds `new_joint_vecs/<id>.npy` (features) or `new_joints/<id>.npy` (joints), `texts/<id>.txt`,
`train.txt`, `val.txt` (or `validation.txt`), `test.txt` (ids, mirrored `M...` ones included where listed), and
perhaps `Mean.npy` and `Std.npy`. Nothing is ever written into it.
Which of its captions become rows says `clip_book`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mate_hf.data.assembled import Corpus
from mate_hf.data.clip_book import ClipBook
from mate_hf.data.coordinates import Coordinates
from mate_hf.data.corpus_licence import own_licence
from mate_hf.data.motion_files import MotionFiles, find_motion_files
from mate_hf.data.opened_clips import OpenedClip, open_clip
from mate_hf.data.plausibility import judged
from mate_hf.data.plausible_folder import require_plausible_files
from mate_hf.data.report import Report, SplitCounts
from mate_hf.data.split_lists import SPLITS, find_list, read_ids
from mate_hf.data.stored_motions import NamedMotion, motions_to_disk
from mate_hf.errors import MateError
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
    return reader.book.corpus(table, folder)


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
        ids: of each split, each once.
        book: on the clips that were met so far.
    """

    folder: Path
    ids: dict[str, list[str]]
    motions: MotionFiles
    book: ClipBook
    workers: int = 1

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
        return cls(folder, ids, motions, ClipBook(motions.kind, report), workers)

    def stored_motions(self) -> Iterator[NamedMotion]:
        """Every motion that a caption speaks of, once, in the order of the split lists; fills the book."""
        for split in self.ids:
            yield from self.book.stored(split, self.clips(split))

    def clips(self, split: str) -> Iterator[tuple[str, OpenedClip]]:
        """The clips of a split in the order of its list; those that no human can have made are refused."""
        names = self.ids[split]
        with ordered_map(min(self.workers, len(names) // SHARE + 1), SHARE) as mapped:
            met = zip(names, mapped(partial(open_clip, self.motions, self.folder), names), strict=True)
            for share in shares(met, SHARE):
                verdicts = judged(
                    [opened.motion for _, opened in share], self.motions.kind, self.motions.written_in
                )
                for (name, opened), verdict in zip(share, verdicts, strict=True):
                    if verdict.refusal:
                        yield name, opened.refused(f"{self.motions.path(name)}: {verdict.refusal}")
                    else:
                        yield name, replace(opened, odd=verdict.odd)


def _read_list(file: Path) -> list[str] | None:
    """The ids of a split list, None where there is no file."""
    try:
        return read_ids(file)
    except FileNotFoundError:
        return None
