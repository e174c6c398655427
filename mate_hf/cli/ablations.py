"""The command that compares many runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, handle_errors, out


@app.command()
@handle_errors
def ablate(
    plan: Annotated[Path, typer.Argument(help="YAML: config, options, corpora, arms, seeds, tables.")],
    target: Annotated[Path, typer.Option("--out", help="Folder of the runs and of results.md.")],
    only: Annotated[list[str] | None, typer.Option(help="An arm to run; may be given again.")] = None,
) -> None:
    """Train and evaluate every arm of a plan with every seed, and write the tables; what is done is skipped."""
    from mate_hf.ablations import complete_runs, planned_runs, read_plan
    from mate_hf.ablations.runs import runs_of
    from mate_hf.ablations.table import write_tables

    known = read_plan(plan)
    runs = planned_runs(known, target, only or ())
    try:
        complete_runs(known, runs, out)
    finally:
        write_tables(known, list(runs_of(known, target)), target / "results.md")
    out.print((target / "results.md").read_text(encoding="utf-8"), markup=False)
