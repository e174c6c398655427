"""A corpus on disk: what `mate prepare` writes.

    CORPUS/train/ val/ test/   captions, a saved `DatasetDict`
    CORPUS/motions/            each motion once, a saved `Dataset`
    CORPUS/Mean.npy Std.npy    of the training motions
    CORPUS/report.json         what was read, left out and refused

Before 0.2 each caption's row held its motion; such folders open as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from datasets import load_from_disk

from mate_hf.data.assembled import Corpus, assemble
from mate_hf.data.report import Report
from mate_hf.data.split import FIRST_FRAME, MOTION_ROW, Split, first_rows_of_clips
from mate_hf.data.statistics import MEAN_FILE, STD_FILE
from mate_hf.data.stored_motions import (
    MOTIONS_FOLDER,
    NamedMotion,
    load_motions,
    mark_of,
    motions_to_disk,
    save_motions,
)
from mate_hf.data.whole_tables import require_whole
from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import first_mistaken, require_plain_files
from mate_hf.utils.json_files import read_json
from mate_hf.utils.nests import heal, scratch_beside
from mate_hf.utils.outputs import PREPARED, Output
from mate_hf.utils.reasons import reason

REPORT_FILE = "report.json"
PREPARED_MARK = "dataset_dict.json"
"""The file by which `DatasetDict.save_to_disk` folders are known."""

DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, pa.ArrowException)
"""What opening a saved table, or what lies beside it, ends in where bytes of it are wrong."""


def save_corpus(corpus: Corpus, out: str | Path, overwrite: bool = False) -> None:
    """Write a corpus that `load_corpus` opens, and plain `datasets.load_from_disk` (captions; `out/motions`, motions).

    Whole or not at all. Motions that lie saved already are linked, not copied.

    Raises:
        MateError: `out` exists and `overwrite` is false, or it cannot be written.
    """
    with Output(Path(out), PREPARED, overwrite).written() as fresh:
        corpus = with_one_table(corpus, scratch_beside(fresh))
        corpus.captions().save_to_disk(fresh)
        table = next(iter(corpus.splits.values())).table
        assert table is not None
        save_motions(table, fresh / MOTIONS_FOLDER, corpus.stored)
        np.save(fresh / MEAN_FILE, corpus.mean)
        np.save(fresh / STD_FILE, corpus.std)
        checked = mark_of(load_motions(fresh / MOTIONS_FOLDER))
        report = json.dumps({**corpus.report.to_json(), "checked": checked}, indent=2, ensure_ascii=False)
        (fresh / REPORT_FILE).write_text(report + "\n", encoding="utf-8")


def with_one_table(corpus: Corpus, scratch: Path) -> Corpus:
    """The corpus with each clip once in a table of motions, where each row holds its own (Hub datasets, old folders).

    Args:
        scratch: where the table lies until the process ends.
    """
    if all(split.table is not None for split in corpus.splits.values()):
        return corpus
    table = motions_to_disk(partial(_clips, corpus.splits), corpus.kind, scratch)
    splits, first = {}, 0
    for name, split in corpus.splits.items():
        places = {split["clip"][row]: first + place for place, row in enumerate(first_rows_of_clips(split))}
        captions = split.captions.remove_columns("motion")
        captions = captions.add_column(
            MOTION_ROW, np.array([places[clip] for clip in split["clip"]], np.int32)
        )
        captions = captions.add_column(FIRST_FRAME, np.zeros(len(split), np.int32))
        splits[name] = Split(captions, table)
        first += len(places)
    return replace(corpus, splits=splits, stored=None)


def _clips(splits: dict[str, Split]) -> Iterator[NamedMotion]:
    for split in splits.values():
        names = split["clip"]
        for row in first_rows_of_clips(split):
            yield names[row], split.motions[row]


def _report(path: Path) -> Report | None:
    """What preparing said of a corpus; None where it said nothing."""
    file = path / REPORT_FILE
    if not file.exists():
        return None
    try:
        return Report.from_json(read_json(file, dict, "Prepare it again."))
    except MateError as error:
        raise MateError(f"{path}: a damaged prepared corpus: {error}") from error


def load_corpus(path: str | Path, leave_out: bool = False) -> Corpus:
    """Open a prepared folder; motions stay on disk, memory-mapped.

    Args:
        leave_out: see `assemble`.

    Raises:
        MateError: not a prepared folder, damaged, without the columns of a corpus, or changed since and with motions that cannot
            be used.
    """
    path = Path(path)
    heal(path)
    if not (path / PREPARED_MARK).is_file():
        raise MateError(f"{path}: not a prepared corpus (no {PREPARED_MARK}). Make one with `mate prepare`.")
    require_plain_files(path)
    stored = path / MOTIONS_FOLDER
    try:
        splits = load_from_disk(path)
        table = load_motions(stored) if stored.is_dir() else None
        report = _report(path)
    except MateError:
        raise
    except DAMAGE as error:
        files = sorted(file for file in path.rglob("*") if file.suffix in (".arrow", ".json"))
        why = first_mistaken(files) or reason(error)
        raise MateError(f"{path}: a damaged prepared corpus ({why}). Prepare it again.") from error
    for name, split in splits.items():
        require_whole(split, f"{path / name}")
    if table is not None:
        require_whole(table, f"{stored}")
    return assemble(splits, str(path), table, report, path, leave_out)
