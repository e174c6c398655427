"""Commands of `mate` in processes of their own, each with its log, and what a folder was asked for."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.runs.folder import CHECKPOINTS, MODELS, RunFolder
from mate_hf.training.checkpoints import saved_checkpoints
from mate_hf.training.parsing import as_flags
from mate_hf.utils.children import run_child
from mate_hf.utils.files import write_json
from mate_hf.utils.json_files import brief, read_json, require_fields
from mate_hf.utils.masked import masked
from mate_hf.utils.write_errors import could_not_write

ASKED = "asked.json"
"""What a folder's run was asked to be, so that results of another plan are never taken for it."""

LOG = "log.txt"


def train(command: str, who: str, folder: Path, config: Path, flags: Mapping[str, Any]) -> None:
    """Train to the end, or go on with what was broken off; what is finished is left as it is.

    Args:
        command: `train` and its like.
        who: what is trained, for errors.
        folder: of the log.
        config: YAML of settings. flags: over it, `output_dir` among them.

    Raises:
        MateError: it failed.
    """
    run = RunFolder(Path(flags["output_dir"]))
    if run.is_finished:
        return
    again = ["--resume", "last"] if saved_checkpoints(run) else ["--overwrite", "true"]
    call(folder, who, [command, "--config", str(config), *as_flags(flags), *again])


def call(folder: Path, who: str, command: Sequence[str]) -> None:
    """Run `mate COMMAND`, its output appended to the folder's log.

    Raises:
        MateError: it failed: its last line, and where the log is; or the log cannot be written.
    """
    log = folder / LOG
    try:
        with log.open("a", encoding="utf-8") as lines:
            lines.write(masked(f"$ mate {' '.join(command)}\n"))
            lines.flush()
            status = run_child([sys.executable, "-m", "mate_hf.cli", *command], lines)
    except OSError as error:
        raise could_not_write(log, error, "What is done stays done: call again.") from error
    if status < 0:
        killed = f"was ended by {signal.Signals(-status).name}; is the machine out of memory?"
        raise MateError(
            f"{who}: `mate {command[0]}` {killed}\nIts log: {log}. What is done stays done; mend it and call again."
        )
    if status:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1]
        raise MateError(
            f"{who}: `mate {command[0]}` failed: {last}\nAll of it: {log}. What is done stays done; mend it and call again."
        )


def drop_what_continues(run: Path, which: str) -> None:
    """Remove checkpoints and the other model of a finished run."""
    for part in (CHECKPOINTS, *(model for model in MODELS if model != which)):
        shutil.rmtree(run / part, ignore_errors=True)


def require_as_asked(folder: Path, now: Mapping[str, Any], what: str) -> None:
    """Refuse a folder that holds something else than is asked for; one that holds nothing is free.

    Raises:
        MateError: it does: each setting, then and now.
    """
    path = folder / ASKED
    if not path.is_file():
        return
    remedy = "Choose another --out, or remove the folder."
    before = read_json(path, dict, remedy)
    require_fields(before, str(path), {"settings": dict, "corpus": dict}, remedy)
    differs = [
        f"{name}: {brief(then)} then, {brief(asked)} now"
        for part in (*now, *(part for part in before if part not in now))
        for name, then, asked in _differences(part, before.get(part), now.get(part))
    ]
    if differs:
        raise MateError(f"{folder}: holds {what} of other settings ({'; '.join(differs)}). {remedy}")


def claim(folder: Path, now: Mapping[str, Any], what: str) -> None:
    """Write down what a folder is asked for, held against what it holds once more: another plan may have come first since this one began.

    Raises:
        MateError: see `require_as_asked`.
    """
    require_as_asked(folder, now, what)
    write_json(folder / ASKED, now)


def _differences(part: str, before: Any, now: Any) -> list[tuple[str, Any, Any]]:
    """Down to single settings, where a part holds several."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = sorted({*before, *now})
        return [found for name in names for found in _differences(name, before.get(name), now.get(name))]
    return [] if before == now else [(part, before, now)]
