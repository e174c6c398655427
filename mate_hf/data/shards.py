"""`mate prepare --shard 2/8`: a share of a corpus folder, prepared alone; and the corpus that all shares make together.

    SHARD/shard.json        what it is a shard of, and of what size its files are
    SHARD/lists.json        the ids of every split of the whole folder
    SHARD/clips.jsonl       of each clip of the share: captions, frames, what was wrong with it
    SHARD/motions/          the motions that a caption speaks of, a saved `Dataset`
    SHARD/votes.json        how the words of its training captions were read
    SHARD/Mean.npy Std.npy  where the folder has its own

What depends on the whole folder waits for the join, which keeps the book on all clips in the order of the lists: it writes what one
machine would have written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from mate_hf.data.clip_book import ClipBook
from mate_hf.data.coordinates import Coordinates
from mate_hf.data.humanml3d import FolderReader
from mate_hf.data.kinds import KINDS
from mate_hf.data.opened_clips import OpenedClip
from mate_hf.data.plausible_folder import SAMPLE
from mate_hf.data.preparation import (
    FEATURES,
    Prepared,
    lemmatizer_for,
    load_prepared,
    save_prepared,
    settings_of,
)
from mate_hf.data.prepared import PREPARED_MARK
from mate_hf.data.report import Report
from mate_hf.data.shard_clips import CLIPS_FILE, ShardClips, clip_record
from mate_hf.data.split_lists import SPLITS, find_list
from mate_hf.data.statistics import MEAN_FILE, STD_FILE
from mate_hf.data.stored_motions import MOTIONS_FOLDER, NamedMotion, motions_to_disk, save_motions
from mate_hf.errors import MateError
from mate_hf.text.lemma_votes import Votes, all_votes, count_votes
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.utils.contents import contents
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.nests import scratch_beside
from mate_hf.utils.outputs import PREPARED, SHARD, SHARD_MARK, Output
from mate_hf.utils.parts import Parts
from mate_hf.utils.reasons import reason
from mate_hf.utils.shards import REMEDY, Shard, Share, finish_shard
from mate_hf.utils.versions import versions
from mate_hf.utils.workers import require_workers

COMMAND = "prepare"
LISTS_FILE, VOTES_FILE = "lists.json", "votes.json"


@dataclass(frozen=True)
class PreparedShard:
    """What a share of a folder came to."""

    share: Share
    source: str
    clips: int
    motions: int
    captions: int
    refused: int

    def summary(self) -> str:
        """In a line."""
        return (
            f"shard {self.share} of {self.source}: {self.captions} captions of {self.motions} motions ({self.clips} ids), "
            f"{self.refused} refused"
        )


def prepare_shard(
    data: str | Path,
    out: str | Path,
    shard: str,
    overwrite: bool = False,
    workers: int | None = None,
    scale: float | None = None,
    up: str | None = None,
    fps: float | None = None,
    left_handed: bool = False,
) -> PreparedShard:
    """Prepare a share of a folder, on a machine that need not know of any other; `join` makes a corpus of all shards.

    A broken run goes on where it stopped.

    Args:
        data: a HumanML3D/KIT-ML folder; every machine sees all of it, and opens its share.
        out: folder to write.
        shard: `2/8` for the second of eight shares. Every eighth motion of the split lists is in it.
        overwrite, workers, scale, up, fps, left_handed: see `prepare`.

    Raises:
        MateError: no such share, `data` is no such folder, or anything that `prepare` would refuse.
    """
    require_workers(workers)
    share, data, out = Share.parse(shard), Path(data), Path(out)
    written_in = Coordinates(scale, up, fps, left_handed)
    place = Output(out, SHARD, overwrite, reads=[data])
    place.require_free()
    _require_folder(data)
    parts = Parts(out, {**settings_of(str(data), written_in), "shard": str(share)})
    with ExitStack() as held:
        nest = held.enter_context(place.reserved())
        held.enter_context(parts.claimed())
        with place.written(nest) as fresh:
            fresh.mkdir()
            done = _write(data, fresh, share, workers, parts, written_in)
        parts.remove()
    return done


def join_prepared(shards: Sequence[Shard], out: Path, overwrite: bool = False) -> Prepared:
    """Write the corpus that `prepare` would have written from the whole folder.

    Args:
        shards: all of one folder, in their order.
        out: folder to write.
        overwrite: replace an earlier output that stands at `out`.

    Raises:
        MateError: a shard is damaged, no training row is left, or `out` cannot be written.
    """
    place = Output(out, PREPARED, overwrite, reads=[shard.folder for shard in shards])
    first = shards[0]
    with place.written() as fresh:
        book = _book(first)
        table = motions_to_disk(partial(_joined_motions, shards, book), book.kind, scratch_beside(fresh))
        corpus = book.corpus(table, first.folder)
        votes = all_votes(_votes(shard) for shard in shards)
        save_prepared(corpus, Vocabulary.from_votes(votes, corpus.report.splits["train"].rows), fresh)
    return load_prepared(out)


def _require_folder(data: Path) -> None:
    lists = any(find_list(data, name).exists() for name in SPLITS) if data.is_dir() else False
    if not lists or (data / PREPARED_MARK).is_file():
        raise MateError(
            f"{data}: no HumanML3D or KIT-ML folder, and only of these are shards made. Prepare anything else in one piece, without --shard. "
            f"{contents(data)}"
        )


def _write(
    data: Path, fresh: Path, share: Share, workers: int | None, parts: Parts, written_in: Coordinates
) -> PreparedShard:
    reader = FolderReader.open(data, workers=workers, written_in=written_in)
    agreed = _identity(reader)
    (fresh / LISTS_FILE).write_text(json.dumps(reader.ids), encoding="utf-8")
    own = set(share.of(_every(reader.ids)))
    reader.ids = {split: [name for name in listed if name in own] for split, listed in reader.ids.items()}
    reader.motions = replace(reader.motions, kept=parts.folder / FEATURES)
    table = motions_to_disk(
        partial(_noted_motions, reader, fresh / CLIPS_FILE), reader.motions.kind, scratch_beside(fresh)
    )
    if table is not None:
        save_motions(table, fresh / MOTIONS_FOLDER, None)
    book = reader.book
    trained = book.rows["train"].dataset()
    repeats = Counter(() if trained is None else trained["caption"])
    votes: Votes = count_votes(repeats, lemmatizer_for(len(repeats), workers, parts)) if repeats else {}
    (fresh / VOTES_FILE).write_text(json.dumps(votes), encoding="utf-8")
    for name in (MEAN_FILE, STD_FILE):
        if (data / name).is_file():
            shutil.copyfile(data / name, fresh / name)
    finish_shard(fresh, COMMAND, share, agreed, {"source": str(data)})
    counts = book.report.splits.values()
    return PreparedShard(
        share,
        str(data),
        len(own),
        0 if table is None else len(table),
        sum(split.rows for split in counts),
        len(book.report.refused),
    )


def _noted_motions(reader: FolderReader, file: Path) -> Iterator[NamedMotion]:
    """A reader's motions; every clip that it meets is noted in the file."""

    def noted(split: str) -> Iterator[tuple[str, OpenedClip]]:
        for name, opened in reader.clips(split):
            yield name, opened
            # The book has taken it by now, and knows where its motion went.
            record = clip_record(split, name, opened, reader.book.place(name))
            lines.write(json.dumps(record) + "\n")

    with file.open("w", encoding="utf-8") as lines:
        for split in reader.ids:
            yield from reader.book.stored(split, noted(split))


def _joined_motions(shards: Sequence[Shard], book: ClipBook) -> Iterator[NamedMotion]:
    """The motions of all shards in the order of the split lists; fills the book."""
    ids = _lists(shards[0])
    opened = [ShardClips(shard.folder, book.kind) for shard in shards]
    holder = {name: place % len(shards) for place, name in enumerate(_every(ids))}
    absent = ""

    def clips(split: str) -> Iterator[tuple[str, OpenedClip]]:
        nonlocal absent
        for name in ids[split]:
            clip, held = opened[holder[name]].take(split, name)
            absent = "" if held else name
            yield name, clip

    for split in ids:
        for name, motion in book.stored(split, clips(split)):
            if name == absent:
                raise MateError(
                    f"{shards[holder[name]].folder}: the motion of {brief(name)} is missing. {REMEDY}"
                )
            yield name, motion
    for clips_of in opened:
        clips_of.require_end()


def _book(shard: Shard) -> ClipBook:
    """A new book on the whole folder, as the shard's machine began one."""
    try:
        report = Report.from_json({**shard.agreed, "source": str(shard.facts["source"])})
        book = ClipBook(KINDS[report.kind], report)
        Coordinates(**report.written_in)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MateError(f"{shard.folder / SHARD_MARK}: damaged ({reason(error)}). {REMEDY}") from error
    return book


def _lists(shard: Shard) -> dict[str, list[str]]:
    file = shard.folder / LISTS_FILE
    ids: dict[str, list[str]] = read_json(file, dict, REMEDY)
    if list(ids) != list(shard.agreed["splits"]) or "train" not in ids:
        raise MateError(f"{file}: splits {brief(list(ids))}; expected those of {SHARD_MARK}. {REMEDY}")
    for listed in ids.values():
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise MateError(f"{file}: {brief(listed)}; expected ids. {REMEDY}")
    return ids


def _votes(shard: Shard) -> dict[str, dict[str, int]]:
    file = shard.folder / VOTES_FILE
    votes: dict[str, dict[str, int]] = read_json(file, dict, REMEDY)
    for form, readings in votes.items():
        if not isinstance(readings, dict) or not all(type(count) is int for count in readings.values()):
            raise MateError(
                f"{file}: {brief(form)} has {brief(readings)}; expected a count a lemma. {REMEDY}"
            )
    return votes


def _every(ids: dict[str, list[str]]) -> list[str]:
    """The ids of all splits in the order of their lists, each once."""
    return list(dict.fromkeys(name for listed in ids.values() for name in listed))


def _identity(reader: FolderReader) -> dict[str, Any]:
    """What is the same in all shards of a folder, wherever each machine has it: no path and no date."""
    report = reader.book.report.to_json()
    del report["source"]
    given = [reader.folder / name for name in (MEAN_FILE, STD_FILE)]
    return {
        **versions(),
        "split lists": _digest([json.dumps(reader.ids).encode()]),
        "motions and captions looked at": _digest(_sample(reader)),
        "Mean.npy and Std.npy": _digest(file.read_bytes() for file in given if file.is_file()),
        **report,
    }


def _sample(reader: FolderReader) -> Iterator[bytes]:
    """Some files, equally far apart; what cannot be read is left to whoever has it in the share."""
    names = _every(reader.ids)
    for name in names[:: -(-len(names) // SAMPLE)]:
        try:
            texts = inside(reader.folder / "texts", name, ".txt", follow_links=True)
            files = [reader.motions.path(name), texts]
            yield from (file.read_bytes() for file in files)
        except (MateError, OSError):
            continue


def _digest(contents: Any) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()
