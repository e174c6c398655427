"""`mate localize`: a prepared Dataset with its captions cut into sub-texts and its motions into their segments."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from rich.progress import track

from mate_hf.data.preparation import Prepared
from mate_hf.data.split import Split
from mate_hf.localization.gathering import gather
from mate_hf.localization.pieces import Piece, Work, pieces_of
from mate_hf.localization.report import LocalizationReport
from mate_hf.localization.units import unit_frames
from mate_hf.retrieval.retriever import Retriever
from mate_hf.runs.provenance import data_hash
from mate_hf.text.decomposition.decompose import DecompositionReport
from mate_hf.utils.outputs import PREPARED, Output
from mate_hf.utils.parts import Parts
from mate_hf.utils.terminal import terminal_of_bars
from mate_hf.utils.weights import add_weights

Decompose = Callable[[Sequence[str]], tuple[list[list[str]], DecompositionReport]]
"""Captions -> the sub-texts of each, and what happened."""


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
    place = Output(out, PREPARED, overwrite, reads=read_by(prepared, retriever, reads))
    place.require_free()
    unit = unit_of(prepared, retriever, unit_seconds)
    splits = prepared.corpus.splits
    with ExitStack() as held:
        if state.is_main_process:
            nest = held.enter_context(place.reserved())
        captions = sorted({caption for split in splits.values() for caption in split["caption"]})
        found: list[Any] = [None]
        if state.is_main_process:
            found = [decompose(captions)]
        broadcast_object_list(found)
        answers, decomposition = found[0]
        sub_texts = dict(zip(captions, answers, strict=True))
        parts = Parts(out, settings_of(prepared, retriever, sub_texts, unit))
        report = LocalizationReport(unit_seconds, decomposition=asdict(decomposition))
        if state.is_main_process:
            report.parts_found = held.enter_context(parts.claimed())
        state.wait_for_everyone()
        started = time.monotonic()
        pieces = list(pieces_of(splits))
        own = pieces[state.process_index :: state.num_processes]
        work_on(own, splits, Work(retriever, sub_texts, unit), parts, shown=state.is_main_process)
        state.wait_for_everyone()
        if state.is_main_process:
            report.seconds = (time.monotonic() - started) * state.num_processes
            with place.written(nest) as fresh:
                gather(prepared, pieces, lambda piece: parts.read(piece.name), fresh, report, argv)
            parts.remove()
    state.wait_for_everyone()
    return report


def unit_of(prepared: Prepared, retriever: Retriever, unit_seconds: float) -> int:
    """Frames a unit, of a corpus whose motions the retrieval model reads.

    Raises:
        MateError: it was trained on other features, or the unit is less than a frame.
    """
    prepared.corpus.require_width(retriever.model.config.motion_width, "the retrieval model")
    return unit_frames(unit_seconds, prepared.corpus.kind.fps)


def read_by(
    prepared: Prepared, retriever: Retriever, reads: Sequence[str | Path | None]
) -> list[str | Path | None]:
    """All that the stage reads."""
    return [*reads, prepared.corpus.stored, retriever.encoder.name]


def work_on(
    pieces: Iterable[Piece], splits: Mapping[str, Split], work: Work, parts: Parts, shown: bool = True
) -> None:
    """Localize those of the pieces that are not kept already, and keep them.

    Args:
        shown: on a terminal, with a bar.
    """
    missing = [piece for piece in pieces if not parts.has(piece.name)]
    console = terminal_of_bars()
    bar = console.is_terminal and shown
    for piece in track(missing, "localizing", console=console, disable=not bar):
        parts.write(piece.name, work.on(splits[piece.split], piece.rows))


def settings_of(
    prepared: Prepared, retriever: Retriever, sub_texts: Mapping[str, list[str]], unit: int
) -> dict[str, Any]:
    """What pieces depend on."""
    models = hashlib.sha256()
    for model in (retriever.model, retriever.encoder.model):
        add_weights(models, model)
    return {
        "data": data_hash(prepared.corpus),
        "unit": unit,
        "models": models.hexdigest(),
        "sub_texts": hashlib.sha256(json.dumps(sorted(sub_texts.items())).encode()).hexdigest(),
    }
