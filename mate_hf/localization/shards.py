"""`mate localize --shard 2/8`: a share of a corpus, localized alone; and the Dataset that all shares make together.

SHARD/shard.json     what it is a shard of, and of what size its files are
SHARD/records.jsonl  a line a caption: its sub-texts and their segments
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mate_hf.data.preparation import Prepared
from mate_hf.errors import MateError
from mate_hf.localization.gathering import Counted, Records, gather
from mate_hf.localization.pieces import Piece, Work, pieces_of
from mate_hf.localization.report import LocalizationReport
from mate_hf.localization.stage import Decompose, read_by, settings_of, unit_of, work_on
from mate_hf.retrieval.retriever import Retriever
from mate_hf.runs.provenance import data_hash
from mate_hf.text.decomposition.decompose import DecompositionReport
from mate_hf.utils.json_files import brief, read_json_lines, require_fields
from mate_hf.utils.outputs import PREPARED, SHARD, SHARD_MARK, Output
from mate_hf.utils.parts import Parts
from mate_hf.utils.reasons import reason
from mate_hf.utils.shards import REMEDY, Shard, Share, finish_shard
from mate_hf.utils.versions import versions

COMMAND = "localize"
RECORDS_FILE = "records.jsonl"


def localize_share(
    prepared: Prepared,
    retriever: Retriever,
    decompose: Decompose,
    out: Path,
    share: Share,
    unit_seconds: float = 0.5,
    overwrite: bool = False,
    reads: Sequence[str | Path | None] = (),
    cut_by: str = "",
) -> LocalizationReport:
    """Localize every `count`th piece of the corpus, and write what came out to `out`, without motions.

    Args:
        decompose: asked for the captions of the share alone.
        overwrite, reads: see `localize_prepared`.
        cut_by: what `decompose` asks.

    Returns:
        A report on the share.

    Raises:
        MateError: see `localize_prepared`.
    """
    place = Output(out, SHARD, overwrite, reads=read_by(prepared, retriever, reads))
    place.require_free()
    unit = unit_of(prepared, retriever, unit_seconds)
    splits = prepared.corpus.splits
    pieces = list(pieces_of(splits))
    own = share.of(pieces)
    captions = sorted({text for piece in own for text in splits[piece.split].select(piece.rows)["caption"]})
    with ExitStack() as held:
        nest = held.enter_context(place.reserved())
        found, decomposition = decompose(captions)
        sub_texts = dict(zip(captions, found, strict=True))
        settings = settings_of(prepared, retriever, sub_texts, unit)
        parts = Parts(out, {**settings, "shard": str(share)})
        report = LocalizationReport(unit_seconds, decomposition=asdict(decomposition))
        report.parts_found = held.enter_context(parts.claimed())
        started = time.monotonic()
        work_on(own, splits, Work(retriever, sub_texts, unit), parts)
        report.seconds = time.monotonic() - started
        with place.written(nest) as fresh:
            fresh.mkdir()
            counted = Counted()
            with (fresh / RECORDS_FILE).open("w", encoding="utf-8") as lines:
                for piece in own:
                    records = parts.read(piece.name)
                    counted.add(records)
                    lines.writelines(json.dumps(record) + "\n" for record in records)
            counted.tell(report)
            agreed = {
                **versions(),
                "corpus": settings["data"],
                "retrieval model": settings["models"],
                "unit_seconds": unit_seconds,
                "captions cut by": cut_by or decomposition.backend,
                "pieces": len(pieces),
            }
            stored = prepared.corpus.stored
            lay = "" if stored is None else str(stored.parent.absolute())
            finish_shard(fresh, COMMAND, share, agreed, {"data": lay, **asdict(report)})
        parts.remove()
    return report


def corpus_of(shard: Shard) -> str:
    """Where the corpus lay when the shard was made.

    Raises:
        MateError: it does not lie there on this machine.
    """
    data = shard.facts.get("data")
    if not isinstance(data, str) or "\0" in data or not Path(data).is_dir():
        raise MateError(
            f"{shard.folder} is a shard of {brief(data)}, which is not there. Give the prepared corpus with --data."
        )
    return data


def join_localized(
    shards: Sequence[Shard], prepared: Prepared, out: Path, argv: Sequence[str] = (), overwrite: bool = False
) -> LocalizationReport:
    """Write the Dataset that `localize` would have written.

    Args:
        shards: all of one corpus, in their order.
        prepared: that corpus.
        argv: the command to record.
        overwrite: replace an earlier output that stands at `out`.

    Raises:
        MateError: `prepared` is another corpus, a shard is damaged, or `out` cannot be written.
    """
    first = shards[0]
    if first.agreed.get("corpus") != data_hash(prepared.corpus):
        raise MateError(
            f"{prepared.corpus.stored or prepared.corpus.report.source}: another corpus than {first.folder} is a shard of. Give that one with --data."
        )
    place = Output(
        out, PREPARED, overwrite, reads=[*(shard.folder for shard in shards), prepared.corpus.stored]
    )
    report = _report(shards)
    with place.written() as fresh:
        pieces = list(pieces_of(prepared.corpus.splits))
        gather(prepared, pieces, _reader(shards, prepared, pieces, report.decomposition), fresh, report, argv)
    return report


def _report(shards: Sequence[Shard]) -> LocalizationReport:
    """What the shards say of their work, but for captions, of which one may be in several."""
    try:
        report = LocalizationReport(float(shards[0].agreed["unit_seconds"]))
        said = DecompositionReport(str(shards[0].facts["decomposition"]["backend"]))
        fallbacks: Counter[str] = Counter()
        for shard in shards:
            report.seconds += float(shard.facts["seconds"])
            report.parts_found += int(shard.facts["parts_found"])
            said.from_cache += int(shard.facts["decomposition"]["from_cache"])
            fallbacks.update(shard.facts["decomposition"]["fallbacks"])
    except (KeyError, TypeError, ValueError) as error:
        raise MateError(
            f"{shards[0].folder.parent}: a damaged {SHARD_MARK} ({reason(error)}). {REMEDY}"
        ) from error
    report.decomposition = {**asdict(said), "fallbacks": dict(fallbacks)}
    return report


def _reader(
    shards: Sequence[Shard], prepared: Prepared, pieces: Sequence[Piece], decomposition: dict[str, Any]
) -> Callable[[Piece], Records]:
    """What reads the records of each piece in turn, and counts captions as their decomposition would."""
    lines = [read_json_lines(shard.folder / RECORDS_FILE, dict, REMEDY) for shard in shards]
    holder = {piece.name: number % len(shards) for number, piece in enumerate(pieces)}
    met: set[str] = set()

    def read(piece: Piece) -> Records:
        number = holder[piece.name]
        captions = prepared.corpus.splits[piece.split].select(piece.rows)["caption"]
        found = []
        for row, caption in zip(piece.rows, captions, strict=True):
            where, record = next(lines[number], (f"{shards[number].folder / RECORDS_FILE}", {}))
            _require_record(record, where, row)
            if caption not in met:
                met.add(caption)
                decomposition["captions"] = decomposition["unique"] = len(met)
                decomposition["several"] += len(record["sub_texts"]) + record["merged"] > 1
            found.append(record)
        return found

    return read


def _require_record(record: dict[str, Any], where: str, row: int) -> None:
    fields = {"row": int, "sub_texts": list, "segments": list, "cost": float, "margin": float, "merged": int}
    require_fields(record, where, fields, REMEDY)
    if record["row"] != row:
        raise MateError(f"{where}: row {record['row']}; expected {row}. {REMEDY}")
    texts, segments = record["sub_texts"], record["segments"]
    ends = [type(end) for segment in segments if isinstance(segment, list) for end in segment]
    if (
        not texts
        or {*map(type, texts)} != {str}
        or ends != [int] * 2 * len(texts)
        or len(segments) != len(texts)
    ):
        raise MateError(
            f"{where}: {brief(texts)} in {brief(segments)}; expected a segment a sub-text. {REMEDY}"
        )
