"""`mate join`: shards of a folder to a corpus, shards of a corpus to one with its segments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mate_hf.data import shards as folders
from mate_hf.data.joined_shards import join_prepared
from mate_hf.data.preparation import Prepared, load_prepared
from mate_hf.errors import MateError
from mate_hf.localization import shards as corpora
from mate_hf.localization.report import LocalizationReport
from mate_hf.utils.json_files import brief
from mate_hf.utils.outputs import PREPARED, Output
from mate_hf.utils.shards import open_shards


def join(
    shards: Sequence[str | Path],
    out: str | Path,
    data: str | Path | None = None,
    overwrite: bool = False,
    argv: Sequence[str] = (),
) -> Prepared | LocalizationReport:
    """Join what `mate prepare --shard` or `mate localize --shard` left, to what one machine would have written.

    Args:
        shards: the folders of all shards, in any order.
        out: Dataset to write.
        data: of shards of `mate localize`, the prepared Dataset that they are shards of; by default where it lay then.
        overwrite: replace an earlier output that stands at `out`.
        argv: the command to record.

    Returns:
        What `prepare` or `localize` returns.

    Raises:
        MateError: a shard is missing, there twice, not whole, or of another work than the rest; or `out` exists or cannot be written.
    """
    Output(Path(out), PREPARED, overwrite, reads=[*shards, data]).require_free()
    opened = open_shards(shards)
    command = opened[0].command
    if command == folders.COMMAND:
        if data is not None:
            raise MateError(f"--data {data}: shards of `mate prepare` need none. Leave it out.")
        return join_prepared(opened, Path(out), overwrite)
    if command != corpora.COMMAND:
        raise MateError(
            f"{opened[0].folder}: a shard of {brief(command)}; expected one of `mate prepare` or `mate localize`."
        )
    prepared = load_prepared(Path(data or corpora.corpus_of(opened[0])))
    return corpora.join_localized(opened, prepared, Path(out), argv, overwrite)
