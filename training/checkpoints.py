"""Checkpoints that are whole or absent, and how a run finds its last one."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from safetensors import SafetensorError

from mate_hf.errors import MateError
from mate_hf.runs.folder import RunFolder


@dataclass
class RunState:
    """Where a run stands; with weights, optimizer and random states, all that an exact continuation needs."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float | None = None
    epochs_without_better: int = 0
    history: list[dict[str, float]] = field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        return asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)


def save_checkpoint(accelerator: Accelerator, run: RunFolder, step: int, keep: int) -> None:
    """Write checkpoints/step_XXXXXXXX under a temporary name, rename it, and drop what is older than `keep`.

    Raises:
        MateError: the disk is full or cannot be written; earlier checkpoints are untouched.
    """
    folder = run.checkpoints / f"step_{step:08d}"
    fresh = folder.with_name(f".{folder.name}")
    if accelerator.is_main_process:
        shutil.rmtree(fresh, ignore_errors=True)
    accelerator.wait_for_everyone()
    try:
        accelerator.save_state(str(fresh))
    except (OSError, RuntimeError, SafetensorError) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise MateError(
            f"checkpoint {folder} could not be written: {error}. Earlier checkpoints are whole: free some space and "
            "continue with --resume last."
        ) from error
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(fresh, folder)
        for old in saved_checkpoints(run)[:-keep]:
            shutil.rmtree(old)
    accelerator.wait_for_everyone()


def saved_checkpoints(run: RunFolder) -> list[Path]:
    """Whole checkpoints of a run, oldest first."""
    return sorted(run.checkpoints.glob("step_*"))


def find_checkpoint(run: RunFolder, which: str) -> Path:
    """`last`, a name under checkpoints/, or a path -> the checkpoint's folder."""
    saved = saved_checkpoints(run)
    if which == "last":
        if not saved:
            raise MateError(f"resume: {run.checkpoints} holds no checkpoint. Start without --resume.")
        return saved[-1]
    for folder in (run.checkpoints / which, Path(which)):
        if folder.is_dir():
            return folder
    names = ", ".join(folder.name for folder in saved) or "none"
    raise MateError(f"resume: no checkpoint {which!r}; {run.checkpoints} holds: {names}.")
