"""One door to motion-text corpora, whatever they come as."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import datasets
import yaml
from datasets import Array2D, Dataset, DatasetDict
from datasets.exceptions import DatasetsError

from mate_hf.data.assembled import Corpus, assemble
from mate_hf.data.coordinates import Coordinates
from mate_hf.data.dataset_cards import require_plain_card
from mate_hf.data.humanml3d import read_corpus
from mate_hf.data.prepared import DAMAGE, PREPARED_MARK, load_corpus, save_corpus
from mate_hf.data.split import MOTION_ROW, Split, first_rows_of_clips
from mate_hf.data.split_lists import SPLITS
from mate_hf.data.stored_motions import MOTIONS_FOLDER
from mate_hf.data.whole_tables import require_whole
from mate_hf.errors import MateError
from mate_hf.utils.contents import contents
from mate_hf.utils.first_bytes import first_mistaken, mistaken, require_plain_files
from mate_hf.utils.nests import heal
from mate_hf.utils.outputs import EXPORT, MODEL, RUN, SHARD, kind_of
from mate_hf.utils.reasons import reason

__all__ = [
    "Corpus",
    "Split",
    "first_rows_of_clips",
    "load_corpus",
    "open_corpus",
    "read_corpus",
    "save_corpus",
]

HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")

SAVED_MARKS = ("state.json", "dataset_info.json")
"""The files by which `Dataset.save_to_disk` folders are known."""


def open_corpus(
    data: str | Path,
    cache_dir: str | Path | None = None,
    workers: int | None = 1,
    kept: Path | None = None,
    written_in: Coordinates | None = None,
) -> Corpus:
    """Open a HumanML3D or KIT-ML folder, a prepared folder, or a dataset of the Hub or downloaded from there.

    What cannot be used is left out and named in `Corpus.report`.

    Args:
        data: path or Hub id. What exists on disk is never looked for on the Hub.
        cache_dir: for temporary rows (folder) or downloads (Hub).
        workers: processes that open the motions of a folder; None: one a core where these are many.
        kept: folder that keeps the features of a folder of joints, for a broken run to go on.
        written_in: of a folder, units, axes and frame rate of its motions, where these are not the kind's.

    Raises:
        MateError: no layout fits (each is named with what it lacks, and what is there instead), or the one that fits is damaged.
    """
    path = Path(data)
    heal(path)
    prepared = (path / PREPARED_MARK).is_file()
    if not prepared and any(_list(path, name).exists() for name in SPLITS):
        return read_corpus(path, cache_dir, workers=workers, kept=kept, written_in=written_in)
    if written_in:
        raise MateError(
            f"{data}: no HumanML3D or KIT-ML folder; {written_in} converts .npy files of such a folder. {contents(path)}"
        )
    if prepared:
        return load_corpus(path, leave_out=True)
    if all((path / mark).is_file() for mark in SAVED_MARKS):
        return _saved_dataset(path)
    if kind_of(path) == SHARD:
        raise MateError(f"{data}: {SHARD} of a corpus. Join all of them with `mate join` first.")
    if (kind := kind_of(path)) in (RUN, EXPORT, MODEL):
        raise MateError(f"{data}: {kind}; expected a corpus.{_way_out(path)}")
    if path.exists() and not _holds_parquet(path):
        tried = (
            f"prepared corpus: no {PREPARED_MARK} in it",
            f"HumanML3D or KIT-ML folder: no {', '.join(f'{name}.txt' for name in SPLITS)} in it",
            "dataset downloaded from the Hub: no .parquet in it",
        )
        raise MateError(f"{_not_a_corpus(path, tried)}\n{contents(path)}{_way_out(path)}")
    return _parquet_or_hub(data, path, cache_dir)


def _parquet_or_hub(data: str | Path, path: Path, cache_dir: str | Path | None) -> Corpus:
    tried = ["prepared corpus, HumanML3D or KIT-ML folder: no such path"]
    if not path.exists() and not HUB_ID.fullmatch(str(data)):
        raise MateError(_not_a_corpus(data, [*tried, "Hub dataset: not a Hub id"]))
    require_plain_card(data)
    try:
        splits = _as_prepared(datasets.load_dataset(str(data), cache_dir=cache_dir), str(data))
        table = _motions_of(splits, str(data), cache_dir)
    except MateError:
        raise
    except (*DAMAGE, DatasetsError, yaml.YAMLError) as error:
        why = f"{type(error).__name__}: {reason(error)}"
        if path.is_dir():
            why = first_mistaken(sorted(path.rglob("*.parquet"))) or why
            raise MateError(
                f"{path}: .parquet files that do not open as a dataset ({why}). Download the whole repository, README.md included: "
                "it says which files are captions and which motions."
            ) from error
        raise MateError(_not_a_corpus(data, [*tried, f"Hub dataset: {why}"])) from error
    for name, split in splits.items():
        require_whole(split, f"{data}, split {name}")
    if table is not None:
        require_whole(table, f"{data}, configuration {MOTIONS_FOLDER}")
    return assemble(splits, str(data), table, leave_out=True)


def _not_a_corpus(data: str | Path, tried: Iterable[str]) -> str:
    return f"{data}: not a corpus. Tried" + "".join(f"\n- {attempt}" for attempt in tried)


def _saved_dataset(path: Path) -> Corpus:
    """A single saved `Dataset`, taken for a training split."""
    require_plain_files(path)
    try:
        saved = datasets.load_from_disk(str(path))
    except DAMAGE as error:
        why = first_mistaken(sorted(path.glob("*.arrow"))) or reason(error)
        raise MateError(f"{path}: a damaged saved Dataset ({why}). Save it again.") from error
    if MOTION_ROW in saved.column_names or (path.parent / PREPARED_MARK).is_file():
        raise MateError(f"{path}: a part of the prepared corpus {path.parent}. Give that folder.")
    saved = _as_prepared_split(saved, str(path))
    require_whole(saved, str(path))
    return assemble(DatasetDict(train=saved), str(path), leave_out=True)


def _holds_parquet(path: Path) -> bool:
    return path.is_dir() and any(path.rglob("*.parquet"))


def _list(path: Path, split: str) -> Path:
    return path / f"{split}.txt"


def _is_corpus(path: Path) -> bool:
    return (path / PREPARED_MARK).is_file() or _list(path, "train").is_file()


def _way_out(path: Path) -> str:
    """Where the corpus lies that was meant, if that can be told."""
    if path.is_file():
        what = mistaken(path)
        return f" It {what}" if what else " Give the folder of a corpus."
    inner = [entry for entry in sorted(path.iterdir()) if entry.is_dir() and _is_corpus(entry)]
    near = [path.parent] if _is_corpus(path.parent) else inner
    if len(near) == 1:
        return f" {near[0]} is one: give that."
    if near:
        return f" These are: {', '.join(map(str, near))}. Give one of them."
    return ""


def _motions_of(splits: DatasetDict, name: str, cache_dir: str | Path | None) -> Dataset | None:
    """The table of motions, a configuration `motions` of the same repository, where captions name rows of one."""
    if not any(MOTION_ROW in split.column_names for split in splits.values()):
        return None
    try:
        tables = datasets.load_dataset(name, MOTIONS_FOLDER, cache_dir=cache_dir)
    except ValueError as error:
        if Path(name).is_dir():
            raise
        raise MateError(
            f"{name}: captions that name rows of a table of motions, which is not there (configuration {MOTIONS_FOLDER}: {reason(error)}). Push "
            f'the table as well: load_from_disk("PREPARED/{MOTIONS_FOLDER}").push_to_hub("{name}", "{MOTIONS_FOLDER}").'
        ) from error
    if len(tables) != 1:
        raise ValueError(
            f"configuration {MOTIONS_FOLDER} has splits {', '.join(tables)}; expected one table of motions"
        )
    [table] = tables.values()
    return _as_prepared_split(table, f"{name}, configuration {MOTIONS_FOLDER}")


def _as_prepared(splits: DatasetDict, source: str) -> DatasetDict:
    """Hub splits with this package's column types."""
    return DatasetDict(
        {name: _as_prepared_split(split, f"{source}, split {name}") for name, split in splits.items()}
    )


def _as_prepared_split(split: Dataset, source: str) -> Dataset:
    found = split.features.get("motion")
    if not len(split) or found is None or isinstance(found, Array2D):
        return split
    try:
        width = len(split[0]["motion"][0])
        return split.cast_column("motion", Array2D((None, width), "float32"))
    except (TypeError, ValueError, IndexError, NotImplementedError) as error:
        raise MateError(f"{source}: column motion is {found}; expected frames of numbers.") from error
