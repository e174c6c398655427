"""`mate localize`: a prepared Dataset with its captions cut into sub-texts and its motions into their segments."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from datasets import Dataset, Features, List, Value, concatenate_datasets
from rich.progress import track
from torch import Tensor

from mate_hf.data.corpus import Split, save_corpus
from mate_hf.data.preparation import Prepared
from mate_hf.errors import MateError
from mate_hf.localization.locate import Question, locate, merge_sub_texts
from mate_hf.localization.segment_features import frames_per_batch
from mate_hf.localization.units import unit_edges, unit_frames
from mate_hf.retrieval.retriever import Retriever
from mate_hf.runs.provenance import data_hash, provenance
from mate_hf.text.decomposition.decompose import DecompositionReport
from mate_hf.text.vocabulary import VOCABULARY_FILE
from mate_hf.utils.files import write_json
from mate_hf.utils.outputs import PREPARED, Output
from mate_hf.utils.parts import Parts
from mate_hf.utils.terminal import terminal_of_bars
from mate_hf.utils.weights import add_weights
from mate_hf.utils.workers import shares

CLIPS_PER_PART = 64
TEXTS_PER_BLOCK = 64
REPORT_FILE = "localization.json"

COLUMNS = Features(
    {
        "sub_texts": List(Value("string")),
        "segments": List(List(Value("int32"))),
        "cost": Value("float32"),
        "margin": Value("float32"),
    }
)

Decompose = Callable[[Sequence[str]], tuple[list[list[str]], DecompositionReport]]
"""Captions -> the sub-texts of each, and what happened."""


@dataclass
class LocalizationReport:
    """What the stage did.

    Attributes:
        captions, several: all captions, and those of more than one sub-text.
        merged: captions whose motion has fewer units than they have sub-texts; neighbours were merged.
        mean_cost: of Eq. 1, a sub-text. median_margin: of captions that can be cut in more than one way.
        seconds: spent on encoding and cutting by this run, all processes together; `parts_found` were there already.
    """

    unit_seconds: float
    captions: int = 0
    several: int = 0
    merged: int = 0
    mean_cost: float = 0.0
    median_margin: float | None = None
    seconds: float = 0.0
    parts_found: int = 0
    decomposition: dict[str, Any] = field(default_factory=dict)

    def summary(self) -> str:
        """In a few lines."""
        margin = "none" if self.median_margin is None else f"{self.median_margin:.4f}"
        return (
            f"{self.captions} captions, {self.several} of several sub-texts, {self.merged} with sub-texts merged to fit "
            f"their motion\nmean cost {self.mean_cost:.3f} a sub-text, median margin to the runner-up {margin}"
        )


def localize_prepared(
    prepared: Prepared,
    retriever: Retriever,
    decompose: Decompose,
    out: Path,
    unit_seconds: float = 0.5,
    argv: Sequence[str] = (),
    overwrite: bool = False,
    reads: Sequence[str | Path | None] = (),
) -> LocalizationReport:
    """Write `prepared` to `out` with columns `sub_texts`, `segments` (frames), `cost` and `margin` (Eq. 1).

    Clips are shared among the processes of an `accelerate launch`; results so far stand beside `out`, so that a
    broken run goes on where it stopped.

    Args:
        overwrite: replace an earlier output that stands at `out`.
        reads: files and folders that `prepared` and `retriever` were opened from, which `out` must not replace.

    Raises:
        MateError: `out` exists and is not to be replaced, is read or is being written by another process, a motion has no frames, or the retrieval model was trained
            on other features.
    """
    state = PartialState()
    place = Output(out, PREPARED, overwrite, reads=[*reads, prepared.corpus.stored, retriever.encoder.name])
    place.require_free()
    kind = prepared.corpus.kind
    prepared.corpus.require_width(retriever.model.config.motion_width, "the retrieval model")
    unit = unit_frames(unit_seconds, kind.fps)
    with ExitStack() as held:
        if state.is_main_process:
            nest = held.enter_context(place.reserved())
        sub_texts, decomposition = _sub_texts(prepared, decompose, state)
        parts = Parts(out, _settings(prepared, retriever, sub_texts, unit))
        report = LocalizationReport(unit_seconds, decomposition=decomposition)
        if state.is_main_process:
            report.parts_found = held.enter_context(parts.claimed())
        state.wait_for_everyone()
        started = time.monotonic()
        work = _Work(retriever, sub_texts, unit)
        pieces = list(_pieces(prepared.corpus.splits))
        own = pieces[state.process_index :: state.num_processes]
        own = [piece for piece in own if not parts.has(piece.name)]
        console = terminal_of_bars()
        bar = console.is_terminal and state.is_main_process
        for piece in track(own, "localizing", console=console, disable=not bar):
            parts.write(piece.name, work.on(prepared.corpus.splits[piece.split], piece.rows))
        state.wait_for_everyone()
        if state.is_main_process:
            report.seconds = (time.monotonic() - started) * state.num_processes
            with place.written(nest) as fresh:
                _gather(prepared, parts, pieces, fresh, report, argv)
            parts.remove()
    state.wait_for_everyone()
    return report


@dataclass(frozen=True)
class _Piece:
    """Rows of some clips of a split."""

    split: str
    name: str
    rows: list[int]


def _pieces(splits: dict[str, Split]) -> Iterator[_Piece]:
    for name, split in splits.items():
        rows: dict[str, list[int]] = {}
        for row, clip in enumerate(split["clip"]):
            rows.setdefault(clip, []).append(row)
        clips = list(rows.values())
        for number, start in enumerate(range(0, len(clips), CLIPS_PER_PART)):
            chosen = [row for clip in clips[start : start + CLIPS_PER_PART] for row in clip]
            yield _Piece(name, f"{name}-{number:05d}", chosen)


class _Work:
    """Localizes rows; features of sub-texts are kept, for they recur.

    Texts are read in blocks that depend on nothing but all sub-texts together: rounding differs with the batch, and a run that
    was broken off, or shared among processes, must end as any other.
    """

    def __init__(self, retriever: Retriever, sub_texts: dict[str, list[str]], unit: int) -> None:
        self.retriever, self.sub_texts, self.unit = retriever, sub_texts, unit
        self.features: dict[str, Tensor] = {}
        ordered = sorted(
            {text for several in sub_texts.values() for text in several}, key=lambda text: (len(text), text)
        )
        self.blocks = list(shares(ordered, TEXTS_PER_BLOCK))
        self.block_of = {text: number for number, block in enumerate(self.blocks) for text in block}

    def on(self, split: Split, rows: list[int]) -> list[dict[str, Any]]:
        """One record a row; rows of one clip share its motion."""
        texts = split.select(rows)
        first = {clip: row for row, clip in reversed(list(zip(rows, texts["clip"], strict=True)))}
        places = {clip: place for place, clip in enumerate(first)}
        motions = [split.motions[row] for row in first.values()]
        questions, merged = [], []
        for motion_id, clip, caption in zip(texts["id"], texts["clip"], texts["caption"], strict=True):
            place = places[clip]
            try:
                units = len(unit_edges(len(motions[place]), self.unit)) - 1
            except MateError as error:
                raise MateError(f"motion {motion_id}, clip {clip}: {error}") from error
            sub_texts = self.sub_texts[caption]
            questions.append(Question(place, merge_sub_texts(sub_texts, units)))
            merged.append(len(sub_texts) - len(questions[-1].sub_texts))
        self._encode({text for question in questions for text in question.sub_texts})
        frames = frames_per_batch(self.retriever.device)
        encode = self.retriever.encode_motions
        located = locate(questions, motions, self.features, encode, self.unit, frames)
        return [
            {"row": row, **asdict(answer), "merged": lost}
            for row, answer, lost in zip(rows, located, merged, strict=True)
        ]

    def _encode(self, texts: set[str]) -> None:
        new = texts - self.features.keys()
        for number in sorted({self.block_of[text] for text in new if text in self.block_of}):
            block = self.blocks[number]
            self.features |= zip(block, self.retriever.encode_texts(block), strict=True)
        # What was merged to fit a short motion is no sub-text of the decomposition; alone it is the same in every batch.
        for text in sorted(new - self.block_of.keys()):
            self.features |= zip([text], self.retriever.encode_texts([text]), strict=True)


def _sub_texts(
    prepared: Prepared, decompose: Decompose, state: PartialState
) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """Sub-texts by caption, worked out by the main process for all, and its report."""
    captions = sorted({caption for split in prepared.corpus.splits.values() for caption in split["caption"]})
    found: list[Any] = [None]
    if state.is_main_process:
        found = [decompose(captions)]
    broadcast_object_list(found)
    sub_texts, report = found[0]
    return dict(zip(captions, sub_texts, strict=True)), asdict(report)


def _settings(
    prepared: Prepared, retriever: Retriever, sub_texts: dict[str, list[str]], unit: int
) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps(sorted(sub_texts.items())).encode())
    for model in (retriever.model, retriever.encoder.model):
        add_weights(digest, model)
    return {"data": data_hash(prepared.corpus), "unit": unit, "models_and_sub_texts": digest.hexdigest()}


def _gather(
    prepared: Prepared,
    parts: Parts,
    pieces: list[_Piece],
    fresh: Path,
    report: LocalizationReport,
    argv: Sequence[str],
) -> None:
    """Put the pieces together as the Dataset's new columns, and write it."""
    splits, records = {}, []
    for name, split in prepared.corpus.splits.items():
        own = [record for piece in pieces if piece.split == name for record in parts.read(piece.name)]
        own.sort(key=lambda record: record["row"])
        columns = {column: [record[column] for record in own] for column in COLUMNS}
        kept = split.captions.remove_columns([column for column in COLUMNS if column in split.column_names])
        found = Dataset.from_dict(columns, COLUMNS)
        splits[name] = split.with_captions(concatenate_datasets([kept, found], axis=1))
        records += own
    _count(report, records)
    corpus = replace(prepared.corpus, splits=splits)
    save_corpus(corpus, fresh)
    prepared.vocabulary.save(fresh / VOCABULARY_FILE)
    write_json(fresh / REPORT_FILE, {**provenance(argv, corpus, seed=0), **asdict(report)})


def _count(report: LocalizationReport, records: list[dict[str, Any]]) -> None:
    report.captions = len(records)
    report.several = sum(len(record["sub_texts"]) > 1 for record in records)
    report.merged = sum(record["merged"] > 0 for record in records)
    report.mean_cost = fmean(record["cost"] / len(record["sub_texts"]) for record in records)
    margins = [record["margin"] for record in records if math.isfinite(record["margin"])]
    report.median_margin = median(margins) if margins else None
