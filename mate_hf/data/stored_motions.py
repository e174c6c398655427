"""The table of motions on disk: a saved Dataset beside the captions, written once and shared by hard links."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Array2D, Dataset, Features, Value, load_from_disk
from datasets.exceptions import DatasetGenerationError
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind
from mate_hf.errors import MateError
from mate_hf.utils.scratch import ScratchFolder
from mate_hf.utils.write_errors import failed_write

logger = logging.getLogger(__name__)

MOTIONS_FOLDER = "motions"

ROWS_IN_MEMORY = 100
"""Motions gathered before they go to disk."""

NamedMotion = tuple[str, NDArray[np.float32]]
"""Id, and the motion (T, width)."""


def motion_features(kind: MotionKind) -> Features:
    """Column types of the table."""
    return Features({"id": Value("string"), "motion": Array2D((None, kind.width), "float32")})


def motions_to_disk(
    motions: Callable[[], Iterator[NamedMotion]], kind: MotionKind, cache_dir: str | Path | None
) -> Dataset | None:
    """A table of motions, memory-mapped until the process ends; None where there are none, which `datasets` cannot express.

    Raises:
        MateError: the disk is full or cannot be written.
    """
    folder = _temporary_folder(cache_dir)
    met = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal met
        for name, motion in motions():
            met += 1
            yield {"id": name, "motion": motion}

    try:
        return Dataset.from_generator(
            rows, features=motion_features(kind), cache_dir=folder, writer_batch_size=ROWS_IN_MEMORY
        )
    except DatasetGenerationError as error:
        if isinstance(error.__cause__, MateError):
            raise error.__cause__ from None
        if not isinstance(error.__cause__, OSError):
            raise
        found = failed_write(error.__cause__)
        assert found is not None
        raise MateError(
            f"the motions could not be written to {folder}: {found.reason}. Free some room there, or name another cache folder."
        ) from error
    except ValueError:
        if met:
            raise
        return None


def save_motions(table: Dataset, folder: Path, stored: Path | None) -> None:
    """Put the table under `folder`: hard links to the files in `stored` where it lies there already, else its own files.

    A link needs no room and outlives the folder it was made from; where the file system has none, files are copied.
    """
    if stored is None:
        table.save_to_disk(folder)
        return
    copied: list[str] = []

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
            copied.append(source)

    shutil.copytree(stored, folder, copy_function=link)
    if copied:
        logger.warning(
            "%s: the motions were copied, for they cannot be linked to those in %s (another file system).",
            folder.parent.name,
            stored,
        )


def load_motions(folder: Path) -> Dataset:
    """Open the table; motions stay on disk."""
    found = load_from_disk(folder)
    if not isinstance(found, Dataset):
        raise ValueError(f"{folder.name} holds several tables; expected one of motions")
    return found


def mark_of(table: Dataset) -> str:
    """What `datasets` knows the table's content by: another after anything of it has changed, the same after a copy."""
    # Private, but written into `state.json`.
    return str(table._fingerprint)


def _temporary_folder(parent: str | Path | None) -> str:
    # Removed at exit and not with the corpus: a Dataset made from its rows may outlive it, and so may a worker's.
    scratch = ScratchFolder("corpus", "the corpus", parent)
    atexit.register(scratch.remove)
    return str(scratch.path)
