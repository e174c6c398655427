"""Checkpoints that are whole or absent, and how a run finds the one it goes on from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from accelerate.utils import broadcast_object_list
from safetensors import SafetensorError

from mate_hf.errors import MateError
from mate_hf.runs.folder import GOES_ON, RunFolder
from mate_hf.training import checkpoint_files, old_checkpoints
from mate_hf.training.checkpoint_files import STATE, WHOLE, Resumable, read_json
from mate_hf.training.continuing import compare_data, of_old_run
from mate_hf.utils.nests import clear_nests
from mate_hf.utils.write_errors import could_not_write

BROKEN = (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, SafetensorError)
"""What reading a checkpoint of another run, or an odd one, ends in."""


def save_checkpoint(parts: Resumable, run: RunFolder, keep: int) -> None:
    """Write checkpoints/step_XXXXXXXX under a temporary name, rename it, and drop what is older than `keep`, and what is newer.

    Raises:
        MateError: the disk is full or cannot be written; earlier checkpoints are untouched.
    """
    accelerator = parts.accelerator
    folder = run.checkpoints / f"step_{parts.state.step:08d}"
    fresh = folder.with_name(f".{folder.name}")
    try:
        if accelerator.is_main_process:
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
        accelerator.wait_for_everyone()
        if accelerator.is_main_process:
            checkpoint_files.write_shared(parts, fresh)
        checkpoint_files.write_own(fresh, accelerator.process_index)
        accelerator.wait_for_everyone()
        if accelerator.is_main_process:
            checkpoint_files.seal(fresh)
            _put_in_place(fresh, folder)
    except (OSError, RuntimeError, SafetensorError) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise could_not_write(f"checkpoint {folder}", error, GOES_ON) from error
    if accelerator.is_main_process:
        # A run that went back to an earlier one is another from there on: `last` must not lead to what it left.
        for left in later_checkpoints(run, folder):
            _remove(left)
        _drop_old(run, keep)
    accelerator.wait_for_everyone()


def _put_in_place(fresh: Path, folder: Path) -> None:
    if folder.exists():
        # One of the same step, from before a validation: whoever is killed between the two renames is healed by `heal_checkpoints`.
        shutil.rmtree(_aside(folder), ignore_errors=True)
        os.rename(folder, _aside(folder))
    try:
        os.rename(fresh, folder)
    except OSError:
        if _aside(folder).exists():
            os.rename(_aside(folder), folder)
        raise


def _remove(folder: Path) -> None:
    """Without its name first: half of a checkpoint under its final name would be taken for a damaged one."""
    shutil.rmtree(_aside(folder), ignore_errors=True)
    os.rename(folder, _aside(folder))
    shutil.rmtree(_aside(folder), ignore_errors=True)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _hidden(run: RunFolder) -> list[Path]:
    return [path for path in run.checkpoints.glob(".step_*") if path.is_dir()]


def heal_checkpoints(run: RunFolder) -> None:
    """Give a whole checkpoint its name that a killed process had not come to give it, where no newer one stands."""
    saved = saved_checkpoints(run)
    for fresh in _hidden(run):
        folder = fresh.with_name(fresh.name.removeprefix("."))
        newest = not saved or folder.name > saved[-1].name
        if (
            not fresh.name.endswith(".old")
            and newest
            and (fresh / WHOLE).is_file()
            and _breach(fresh) is None
        ):
            os.rename(fresh, folder)


def clear_left(run: RunFolder, keep: int) -> None:
    """Clear away what a killed run left and one that was all but done writes no more: what it wrote or removed, a checkpoint too many."""
    clear_nests(run.path)
    _drop_old(run, keep)


def _drop_old(run: RunFolder, keep: int) -> None:
    for old in saved_checkpoints(run)[:-keep]:
        _remove(old)
    # Of a process that was killed while it wrote or removed one, at whatever step that was.
    for left in _hidden(run):
        shutil.rmtree(left, ignore_errors=True)


def saved_checkpoints(run: RunFolder) -> list[Path]:
    """Checkpoints of a run, oldest first; never one that is being written."""
    return sorted(path for path in run.checkpoints.glob("step_*") if path.is_dir())


def later_checkpoints(run: RunFolder, folder: Path) -> list[Path]:
    """Those of more steps than one, oldest first."""
    return [other for other in saved_checkpoints(run) if other.name > folder.name]


def load_checkpoint(parts: Resumable, run: RunFolder, which: str, say: Callable[[str], None]) -> Path:
    """Put a run back where a checkpoint left it; of `last` the last whole one.

    Args:
        which: `last`, or a name under checkpoints/.
        say: told which damaged ones were passed over.

    Raises:
        MateError: no such checkpoint, none that is whole, or one of another run.
    """
    chosen: list[Path | MateError | None] = [None]
    if parts.accelerator.is_main_process:
        # Told to the others before it is raised: they would wait for ever.
        try:
            chosen = [find_checkpoint(run, which, say)]
        except MateError as error:
            chosen = [error]
    broadcast_object_list(chosen)
    [folder] = chosen
    if isinstance(folder, MateError):
        raise folder
    assert folder is not None
    is_old = old_checkpoints.is_old(folder)
    reader = old_checkpoints if is_old else checkpoint_files
    compare_data(
        run, of_old_run(run) if is_old else read_json(folder / STATE)["depends_on"], parts.depends_on
    )
    try:
        for line in reader.read(parts, folder):
            say(line)
    except BROKEN as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise MateError(
            f"resume: checkpoint {folder} does not fit this run ({reason}). Is it a checkpoint of the same model and data?"
        ) from error
    return folder


def find_checkpoint(run: RunFolder, which: str, say: Callable[[str], None]) -> Path:
    """The folder of a whole checkpoint; see `load_checkpoint`."""
    heal_checkpoints(run)
    saved = saved_checkpoints(run)
    if not saved:
        raise MateError(f"resume: {run.checkpoints} holds no checkpoint. Start without --resume.")
    if which == "last":
        for folder in reversed(saved):
            problem = _breach(folder)
            if problem is None:
                return folder
            say(f"checkpoint {folder} is passed over: {problem}.")
        raise MateError(f"resume: none of the checkpoints in {run.checkpoints} is whole. Start anew.")
    [*named] = (folder for folder in saved if folder.name == Path(which).name)
    inside = Path(which).name == which or Path(which).resolve().parent == run.checkpoints.resolve()
    if not named or not inside:
        names = ", ".join(folder.name for folder in saved)
        raise MateError(f"resume: no checkpoint {which!r}; {run.checkpoints} holds: {names}.")
    problem = _breach(named[0])
    if problem is not None:
        others = [folder.name for folder in saved if folder != named[0] and _breach(folder) is None]
        advice = f"The last whole one is {others[-1]}" if others else "No other is whole"
        raise MateError(f"resume: checkpoint {named[0]}: {problem}. {advice}.")
    return named[0]


def _breach(folder: Path) -> str | None:
    """What is wrong with a checkpoint; None where it is whole."""
    if old_checkpoints.is_old(folder):
        return old_checkpoints.breach(folder)
    if not (folder / WHOLE).is_file():
        return f"{WHOLE} is missing, so it was never finished"
    try:
        return checkpoint_files.breach(folder)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        return f"{WHOLE} cannot be read ({error})"
