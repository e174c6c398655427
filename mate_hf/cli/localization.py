"""Commands that say which part of a motion a word speaks of: decompose, localize, convert-retrieval."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, out, speaks


@app.command()
@speaks
def localize(
    dataset: Annotated[str, typer.Argument(help="Prepared Dataset, HumanML3D/KIT-ML folder, or Hub id.")],
    retrieval: Annotated[Path, typer.Option(help="Run of train_retrieval.py, or a converted checkpoint.")],
    target: Annotated[Path, typer.Option("--out", help="Dataset to write.")],
    unit_seconds: Annotated[
        float, typer.Option(help="Segments are whole units of this length (Table 10).")
    ] = 0.5,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda, ...; by default what accelerate finds.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace what stands at OUT.")] = False,
) -> None:
    """Cut captions into sub-texts and their motions into the segments that match them best (Eq. 1)."""
    from mate_hf.localization.run import localize_data

    report = localize_data(dataset, retrieval, target, unit_seconds, device, sys.argv, overwrite)
    if report is not None:
        out.print(report.summary())
