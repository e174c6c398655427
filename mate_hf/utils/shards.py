"""Work that machines share without a word to each other: each does its share into a folder of its own, and one joins the folders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mate_hf.errors import MateError
from mate_hf.utils.contents import contents
from mate_hf.utils.files import as_json
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.json_files import brief, read_json, require_fields
from mate_hf.utils.nests import heal
from mate_hf.utils.outputs import SHARD_MARK

T = TypeVar("T")

MOST = 100_000
"""Shares of one work."""

REMEDY = "Make the shard again."

FIELDS: Mapping[str, type] = {
    "command": str,
    "shard": str,
    "agreed": dict,
    "facts": dict,
    "files": dict,
}
"""Of a shard's `shard.json`."""


@dataclass(frozen=True)
class Share:
    """The `number`th of `count` shares, from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Share:
        """Read `2/8`.

        Raises:
            MateError: not of that form, or no such share.
        """
        found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]) <= MOST:
            raise MateError(
                f"shard: {brief(text)}; expected NUMBER/COUNT, such as 2/8, from 1/8 to 8/8. Of an array of jobs that counts from 0 add 1."
            )
        return cls(int(found[1]), int(found[2]))

    def of(self, items: Sequence[T]) -> list[T]:
        """Every `count`th item, from the `number`th on: shares of a corpus that lists one split after another have as much of each."""
        return list(items[self.number - 1 :: self.count])

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


@dataclass(frozen=True)
class Shard:
    """A share that was done, and lies whole in its folder.

    Attributes:
        command: that made it.
        agreed: what is the same in all shards of one work, by what to call it.
        facts: what else the join needs to know.
    """

    folder: Path
    command: str
    share: Share
    agreed: dict[str, Any]
    facts: dict[str, Any]


def require_alone(processes: int) -> None:
    """Refuse a shard of several processes.

    Raises:
        MateError: there are some.
    """
    if processes > 1:
        raise MateError(
            f"--shard is for machines that do not talk to each other; these are {processes} processes that do. Leave `accelerate launch` away."
        )


def finish_shard(
    fresh: Path, command: str, share: Share, agreed: dict[str, Any], facts: dict[str, Any]
) -> None:
    """Write what a folder is a shard of, and of what size its files are."""
    files = {
        path.relative_to(fresh).as_posix(): path.stat().st_size
        for path in sorted(fresh.rglob("*"))
        if path.is_file()
    }
    manifest = {"command": command, "shard": str(share), "agreed": agreed, "facts": facts, "files": files}
    (fresh / SHARD_MARK).write_text(as_json(manifest), encoding="utf-8")


def open_shards(folders: Sequence[str | Path]) -> list[Shard]:
    """All shards of one work, in their order, whatever the order of their folders.

    Raises:
        MateError: none; a folder that is no shard, or not whole; shards of several works; one that is missing, or there twice.
    """
    if not folders:
        raise MateError("no shards; expected the folders of all shards of one work.")
    shards = [open_shard(Path(folder)) for folder in folders]
    first = shards[0]
    for other in shards[1:]:
        _require_same_work(first, other)
    by_number: dict[int, Shard] = {}
    for shard in shards:
        if shard.share.number in by_number:
            raise MateError(
                f"shard {shard.share} is there twice: {by_number[shard.share.number].folder} and {shard.folder}. Give one of them."
            )
        by_number[shard.share.number] = shard
    missing = [number for number in range(1, first.share.count + 1) if number not in by_number]
    if missing:
        named = ", ".join(f"{number}/{first.share.count}" for number in missing[:8])
        raise MateError(
            f"{len(missing)} of {first.share.count} shards missing: {named}{', ...' if len(missing) > 8 else ''}. Give the folders of all."
        )
    return [by_number[number] for number in sorted(by_number)]


def open_shard(folder: Path) -> Shard:
    """Open a shard, and make sure that its files are there as they were written.

    Raises:
        MateError: no shard, damaged, or not whole.
    """
    heal(folder)
    file = folder / SHARD_MARK
    if not file.is_file():
        raise MateError(
            f"{folder}: not a shard (no {SHARD_MARK}). `mate prepare` and `mate localize` write shards with --shard. {contents(folder)}"
        )
    content = read_json(file, dict, REMEDY)
    require_fields(content, str(file), FIELDS, REMEDY)
    for name, size in content["files"].items():
        part = inside(folder, name)
        found = part.stat().st_size if part.is_file() else None
        if found != size:
            state = "missing" if found is None else f"of {found} bytes"
            raise MateError(
                f"{folder}: not whole: {brief(name)} is {state}; {brief(size)} bytes were written. Copy the shard again, or make it again."
            )
    try:
        share = Share.parse(content["shard"])
    except MateError as error:
        raise MateError(f"{file}: {error}") from error
    return Shard(folder, content["command"], share, content["agreed"], content["facts"])


def _require_same_work(first: Shard, other: Shard) -> None:
    compared = {
        "command": (first.command, other.command),
        "number of shards": (first.share.count, other.share.count),
        **{
            name: (first.agreed.get(name), other.agreed.get(name))
            for name in dict.fromkeys((*first.agreed, *other.agreed))
        },
    }
    for name, (expected, found) in compared.items():
        if found != expected:
            raise MateError(
                f"{other.folder} is no shard of the same work as {first.folder}: {name} {brief(found)} against {brief(expected)}. Shards are made "
                "of one source, by the same command, settings and versions; make one of them again."
            )
