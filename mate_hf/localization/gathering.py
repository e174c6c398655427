"""The pieces put together: the prepared Dataset with the columns of its segments."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
import pyarrow as pa
from datasets import Dataset, DatasetInfo, Features, List, Value, concatenate_datasets

from mate_hf.data.corpus import save_corpus
from mate_hf.data.preparation import Prepared
from mate_hf.localization.pieces import Piece
from mate_hf.localization.report import LocalizationReport
from mate_hf.runs.provenance import provenance
from mate_hf.text.vocabulary import VOCABULARY_FILE
from mate_hf.utils.files import write_json

REPORT_FILE = "localization.json"

COLUMNS = Features(
    {
        "sub_texts": List(Value("string")),
        "segments": List(List(Value("int32"))),
        "cost": Value("float32"),
        "margin": Value("float32"),
    }
)

Records = list[dict[str, Any]]
"""Of `Work.on`: `row`, the columns, and how many sub-texts were `merged` away."""


class Counted:
    """What a report says of records, which are many."""

    def __init__(self) -> None:
        self.captions = self.several = self.merged = 0
        self._costs, self._margins = array("d"), array("d")

    def add(self, records: Records) -> None:
        """Take some."""
        self.captions += len(records)
        self.several += sum(len(record["sub_texts"]) > 1 for record in records)
        self.merged += sum(record["merged"] > 0 for record in records)
        self._costs.extend(record["cost"] / len(record["sub_texts"]) for record in records)
        self._margins.extend(record["margin"] for record in records if math.isfinite(record["margin"]))

    def tell(self, report: LocalizationReport) -> None:
        """Write it into a report."""
        report.captions, report.several, report.merged = self.captions, self.several, self.merged
        report.mean_cost = fmean(self._costs) if self._costs else 0.0
        report.median_margin = median(self._margins) if self._margins else None


def gather(
    prepared: Prepared,
    pieces: Sequence[Piece],
    read: Callable[[Piece], Records],
    fresh: Path,
    report: LocalizationReport,
    argv: Sequence[str],
) -> None:
    """Write the Dataset to `fresh`, and complete the report.

    Args:
        pieces: all of the corpus, in their order.
        read: the records of a piece; asked for each once, in this order.
    """
    splits, counted = {}, Counted()
    for name, split in prepared.corpus.splits.items():
        rows, tables = [], []
        for piece in pieces:
            if piece.split == name:
                records = read(piece)
                counted.add(records)
                rows += [record["row"] for record in records]
                tables.append(_table(records))
        # Clips of one motion take turns, and so may rows of two pieces.
        found = Dataset(pa.concat_tables(tables).take(np.argsort(rows)), DatasetInfo(features=COLUMNS))
        kept = split.captions.remove_columns([column for column in COLUMNS if column in split.column_names])
        splits[name] = split.with_captions(concatenate_datasets([kept, found], axis=1))
    counted.tell(report)
    corpus = replace(prepared.corpus, splits=splits)
    save_corpus(corpus, fresh)
    prepared.vocabulary.save(fresh / VOCABULARY_FILE)
    write_json(fresh / REPORT_FILE, {**provenance(argv, corpus, seed=0), **asdict(report)})


def _table(records: Records) -> pa.Table:
    columns = {column: [record[column] for record in records] for column in COLUMNS}
    return pa.Table.from_pydict(columns, COLUMNS.arrow_schema)
