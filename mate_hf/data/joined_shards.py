"""The corpus that all shards of a folder make together: what one machine would have written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from mate_hf.data.clip_book import ClipBook
from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import KINDS
from mate_hf.data.opened_clips import OpenedClip
from mate_hf.data.preparation import Prepared, load_prepared, save_prepared
from mate_hf.data.report import Report
from mate_hf.data.shard_clips import ShardClips
from mate_hf.data.shards import LISTS_FILE, VOTES_FILE, ids_of_all
from mate_hf.data.stored_motions import NamedMotion, motions_to_disk
from mate_hf.errors import MateError
from mate_hf.text.lemma_votes import all_votes
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.nests import scratch_beside
from mate_hf.utils.outputs import PREPARED, SHARD_MARK, Output
from mate_hf.utils.reasons import reason
from mate_hf.utils.shards import REMEDY, Shard


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


def _joined_motions(shards: Sequence[Shard], book: ClipBook) -> Iterator[NamedMotion]:
    """The motions of all shards in the order of the split lists; fills the book."""
    ids = _lists(shards[0])
    opened = [ShardClips(shard.folder, book.kind) for shard in shards]
    holder = {name: place % len(shards) for place, name in enumerate(ids_of_all(ids))}
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
