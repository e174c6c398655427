"""`mate plot curves`: the logs of training runs of any kind, side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.plotting.curves import LoggedRun, draw_curves, measures_of
from mate_hf.plotting.run_skeleton import still_picture
from mate_hf.runs.folder import RunFolder
from mate_hf.utils.json_files import brief, read_json_lines
from mate_hf.utils.visible import one_line

REMEDY = "Expected the log of a training run: JSON lines with a step and numbers."


def plot_curves(
    runs: str | Path | Sequence[str | Path],
    out: str | Path,
    measure: Sequence[str] = (),
    log: bool = False,
    overwrite: bool = False,
) -> Path:
    """Draw losses and validations of training runs by step, finished or not.

    Args:
        runs: run folders of any training.
        out: `.png`, `.svg` or `.pdf`.
        measure: names of the log without `train/` and `val/` (`loss`, `t2m/R@1`); none: all losses, and R@1 where there is one.
        log: losses on a logarithmic scale.
        overwrite: replace the file that stands at `out`.

    Returns:
        The file.

    Raises:
        MateError: no run, a folder without a log, a log that is none, no such measure, another ending, or a file that exists.
    """
    folders = [Path(runs)] if isinstance(runs, (str, Path)) else [Path(run) for run in runs]
    if not folders:
        raise MateError("no run to draw. Name a run folder, or several.")
    place = still_picture(out, overwrite, folders)
    logged = [LoggedRun(name, read_log(run)) for name, run in zip(_names(folders), folders, strict=True)]
    known = {name.partition("/")[2] for run in logged for name in run.series}
    for name in measure:
        if name not in known:
            raise MateError(f"measure: {name!r} is in no log; expected one of {', '.join(sorted(known))}.")
    title = f"Training of {logged[0].name}" if len(logged) == 1 else f"{len(logged)} trainings"
    draw_curves(logged, list(measure) or measures_of(logged), place, title, log)
    return place.path


def read_log(run: Path) -> dict[str, list[tuple[int, float]]]:
    """What a run logged, by name: (step, value), in the order of steps. Numbers that are not finite are left out, for they have no place.

    Raises:
        MateError: no log, or one that is none.
    """
    file = RunFolder(run).log
    if not file.is_file():
        raise MateError(f"{run}: no {file.name} in it. Expected the folder of a training run.")
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for where, record in read_json_lines(file, dict, REMEDY):
        step = record.get("step")
        if isinstance(step, bool) or not isinstance(step, int):
            raise MateError(f"{where}: step is {brief(step)}; expected an integer. {REMEDY}")
        for name, value in record.items():
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if name.startswith(("train/", "val/")) and is_number and isfinite(value):
                # What a resumed run logged again takes the place of what it went back behind.
                found[name][step] = float(value)
    if not found:
        raise MateError(f"{file}: no numbers in it yet. Wait for the first ones: --log_steps, or an epoch.")
    return {name: sorted(values.items()) for name, values in found.items()}


def _names(folders: Sequence[Path]) -> list[str]:
    """Of runs; with their parents' where two are called alike."""
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        names = [f"{folder.resolve().parent.name}/{folder.resolve().name}" for folder in folders]
    return [one_line(name) for name in names]
