"""`mate prepare --shard 2/8`: a share of a corpus folder, prepared alone.

    SHARD/shard.json        what it is a shard of, and of what size its files are
    SHARD/lists.json        the ids of every split of the whole folder
    SHARD/clips.jsonl       of each clip of the share: captions, frames, what was wrong with it
    SHARD/motions/          the motions that a caption speaks of, a saved `Dataset`
    SHARD/votes.json        how the words of its training captions were read
    SHARD/Mean.npy Std.npy  where the folder has its own

What depends on the whole folder waits for the join (`joined_shards`), which keeps the book on all clips in the order of the lists.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.humanml3d import FolderReader
from mate_hf.data.opened_clips import OpenedClip
from mate_hf.data.plausible_folder import SAMPLE
from mate_hf.data.preparation import FEATURES, lemmatizer_for, settings_of
from mate_hf.data.prepared import PREPARED_MARK
from mate_hf.data.shard_clips import CLIPS_FILE, clip_record
from mate_hf.data.split_lists import SPLITS, find_list
from mate_hf.data.statistics import MEAN_FILE, STD_FILE
from mate_hf.data.stored_motions import MOTIONS_FOLDER, NamedMotion, motions_to_disk, save_motions
from mate_hf.errors import MateError
from mate_hf.text.lemma_votes import Votes, count_votes
from mate_hf.utils.contents import contents
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.nests import scratch_beside
from mate_hf.utils.outputs import SHARD, Output
from mate_hf.utils.parts import Parts
from mate_hf.utils.shards import Share, finish_shard
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
    own = set(share.of(ids_of_all(reader.ids)))
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


def ids_of_all(ids: dict[str, list[str]]) -> list[str]:
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
    names = ids_of_all(reader.ids)
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
