"""The run folder: refused where it would mix with an old run, cleared only when the new one can start."""

from __future__ import annotations

import shutil
from pathlib import Path

from mate_hf.errors import MateError

RUN_PARTS = ("checkpoints", "best", "last", "results.json", "log.jsonl")


def claim_folder(folder: Path, overwrite: bool) -> None:
    """Make sure a new run may write here; nothing is removed yet.

    Raises:
        MateError: the folder holds a run and `overwrite` is false, or it cannot be written.
    """
    held = [name for name in RUN_PARTS if (folder / name).exists()]
    if held and not overwrite:
        raise MateError(
            f"output_dir {folder} holds a run already ({held[0]}). Continue it with --resume last, choose "
            "another output_dir, or pass --overwrite true."
        )
    try:
        (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MateError(f"output_dir {folder} cannot be written: {error}. Choose another folder.") from error


def clear_run(folder: Path) -> None:
    """Remove what an old run left, once its successor has its data and its model."""
    for name in RUN_PARTS:
        part = folder / name
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)
    (folder / "checkpoints").mkdir()
