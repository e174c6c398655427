"""`mate plot ablation`: one measure of all runs of a folder of `mate ablate`, finished or not."""

from __future__ import annotations

from pathlib import Path

from mate_hf.ablations.table import METRICS, Metric, number_at
from mate_hf.errors import MateError
from mate_hf.plotting.ablation_bars import draw_arms
from mate_hf.plotting.run_skeleton import still_picture
from mate_hf.utils.json_files import read_json
from mate_hf.utils.visible import one_line

Found = dict[str, dict[str, dict[str, float]]]
"""Corpus -> arm -> seed -> number."""


def plot_ablation(folder: str | Path, out: str | Path, metric: str, overwrite: bool = False) -> Path:
    """Draw a measure of every arm, with its seeds and their spread.

    Args:
        folder: OUT of `mate ablate`; runs that lack the measure are left out.
        out: `.png`, `.svg` or `.pdf`.
        metric: heading of a row of the tables, such as `swap %` or `obeyed %, new combination`.
        overwrite: replace the file that stands at `out`.

    Returns:
        The file.

    Raises:
        MateError: no such measure in the folder, a results file that cannot be read, another ending, or a file that exists.
    """
    place = still_picture(out, overwrite, [folder])
    chosen = next((one for one in METRICS if one.heading == metric), None)
    found = {} if chosen is None else _found(Path(folder), chosen)
    if not found:
        there = [one.heading for one in METRICS if _found(Path(folder), one)]
        if not there:
            raise MateError(
                f"{folder}: no results in it. Expected the folder that `mate ablate` wrote to, with a run that is done."
            )
        raise MateError(f"metric: {metric!r} is nowhere in {folder}; expected one of: {'; '.join(there)}.")
    draw_arms(found, metric, place, f"{metric} by arm of {one_line(Path(folder).resolve().name)}")
    return place.path


def _found(folder: Path, metric: Metric) -> Found:
    found: Found = {}
    for file in sorted(folder.glob(f"*/*/*/{metric.file}")):
        seed = file.parent
        content = read_json(file, dict, f"Remove {seed} and call `mate ablate` again.")
        value = number_at(content, metric.keys, file)
        if value is not None:
            corpus, arm = (one_line(part.name) for part in (seed.parent.parent, seed.parent))
            found.setdefault(corpus, {}).setdefault(arm, {})[seed.name] = value
    return found
