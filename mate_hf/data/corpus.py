"""One door to motion-text corpora, whatever they come as."""

from __future__ import annotations

import re
from pathlib import Path

import datasets
from datasets import Array2D, Dataset, DatasetDict
from datasets.exceptions import DatasetsError

from mate_hf.data.humanml3d import SPLITS, read_corpus
from mate_hf.data.prepared import PREPARED_MARK, Corpus, assemble, load_corpus, save_corpus
from mate_hf.data.split import MOTION_ROW, Split, first_rows_of_clips
from mate_hf.data.stored_motions import MOTIONS_FOLDER
from mate_hf.errors import MateError

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
HUB_NAMES_OF_VAL = ("validation", "valid", "dev")


def open_corpus(
    data: str | Path,
    cache_dir: str | Path | None = None,
    workers: int | None = 1,
    kept: Path | None = None,
) -> Corpus:
    """Open a HumanML3D or KIT-ML folder, a prepared folder, or a dataset of the Hub.

    Args:
        data: path or Hub id. What exists on disk is never looked for on the Hub.
        cache_dir: for temporary rows (folder) or downloads (Hub).
        workers: processes that open the motions of a folder; None: one a core where these are many.
        kept: folder that keeps the features of a folder of joints, for a broken run to go on.

    Raises:
        MateError: no layout fits (each is named with what it lacks), or the one that fits is damaged.
    """
    path = Path(data)
    if (path / PREPARED_MARK).is_file():
        return load_corpus(path)
    if path.is_dir() and any((path / f"{name}.txt").exists() for name in SPLITS):
        return read_corpus(path, cache_dir, workers=workers, kept=kept)
    tried = [
        f"prepared corpus: no {PREPARED_MARK} in it",
        f"HumanML3D or KIT-ML folder: no {', '.join(f'{name}.txt' for name in SPLITS)} in it",
    ]
    if path.exists():
        raise MateError(f"{path}: not a corpus. Tried\n- " + "\n- ".join(tried))
    tried = ["prepared corpus, HumanML3D or KIT-ML folder: no such path"]
    if not HUB_ID.fullmatch(str(data)):
        raise MateError(
            f"{data}: not a corpus. Tried\n- " + "\n- ".join([*tried, "Hub dataset: not a Hub id"])
        )
    try:
        splits = datasets.load_dataset(str(data), cache_dir=cache_dir)
        table = _motions_of(splits, str(data), cache_dir)
    except (OSError, ValueError, DatasetsError) as error:
        tried.append(f"Hub dataset: {type(error).__name__}: {error}")
        raise MateError(f"{data}: not a corpus. Tried\n- " + "\n- ".join(tried)) from error
    return assemble(_as_prepared(splits, str(data)), str(data), table)


def _motions_of(splits: DatasetDict, name: str, cache_dir: str | Path | None) -> Dataset | None:
    """The table of motions, a configuration `motions` of the same repository, where captions name rows of one."""
    if not any(MOTION_ROW in split.column_names for split in splits.values()):
        return None
    [table] = datasets.load_dataset(name, MOTIONS_FOLDER, cache_dir=cache_dir).values()
    return _as_prepared_split(table, f"{name}, configuration {MOTIONS_FOLDER}")


def _as_prepared(splits: DatasetDict, source: str) -> DatasetDict:
    """Hub splits under this package's names and column types."""
    named = {"val" if name in HUB_NAMES_OF_VAL else name: split for name, split in splits.items()}
    return DatasetDict(
        {name: _as_prepared_split(split, f"{source}, split {name}") for name, split in named.items()}
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
