"""Many runs of train.py from one YAML file, and the table they end in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mate_hf.ablations.plan import Plan, read_plan
from mate_hf.ablations.runs import ASKED, complete_runs, own_runs, planned_runs, runs_of
from mate_hf.ablations.table import render_tables, write_tables
from mate_hf.errors import MateError
from mate_hf.utils.terminal import Terminal

__all__ = ["Plan", "ablate", "complete_runs", "planned_runs", "read_plan", "render_tables"]


def ablate(
    plan: str | Path, out: str | Path, only: Sequence[str] | None = None, console: Console | None = None
) -> str:
    """Train and evaluate every arm of a plan with every seed, and write the tables; what is done is skipped.

    Args:
        plan: YAML of config, options, corpora, arms, seeds and tables.
        out: folder of the runs and of `results.md`.
        only: arms to run; all if None.
        console: where progress is told.

    Returns:
        The tables, Markdown.

    Raises:
        MateError: a plan that does not fit, a `results.md` that is not of these runs, or a run that fails; those before it stay
            done.
    """
    known, folder = read_plan(Path(plan)), Path(out)
    runs = planned_runs(known, folder, only or ())
    tables = folder / "results.md"
    every = list(runs_of(known, folder))
    begun = any((run.folder / ASKED).is_file() for run in every)
    if tables.is_symlink() or (tables.exists() and not begun):
        raise MateError(
            f"{tables} exists already, and {out} holds none of the plan's runs: it is somebody else's. Choose another --out."
        )
    try:
        complete_runs(known, runs, console or Terminal(quiet=True))
    finally:
        write_tables(known, own_runs(known, folder), len(every), tables)
    return tables.read_text(encoding="utf-8")
