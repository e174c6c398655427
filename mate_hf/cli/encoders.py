"""Commands around trained encoders and who uses them: export, compare, verify-client, env."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli import shown
from mate_hf.cli.app import app, console, handle_errors
from mate_hf.cli.options import Base, Format, Overwrite, ReplaceFile, Results, Visual, Which


@app.command()
@handle_errors
def export(
    run: Annotated[Path, typer.Argument(help="Run folder of train.py, or a model folder.")],
    out: Annotated[Path, typer.Argument(metavar="OUT")],
    format: Format = "hf",
    which: Which = "best",
    overwrite: Overwrite = False,
    base: Base = None,
    visual: Visual = "base",
) -> None:
    """The trained text encoder as everybody's code opens it; checked by opening it before it is called done."""
    from mate_hf.exports import export as run_export

    report = run_export(run, out, format, which, overwrite, base, visual)
    console.print(f"{out}: opened again, same features as the trained encoder.\n{report.summary()}")


@app.command()
@handle_errors
def compare(
    before: Annotated[str, typer.Argument(help="Text encoder: Hub id, folder, or package:NAME.")],
    after: Annotated[str, typer.Argument(help="Text encoder: Hub id, folder, or package:NAME.")],
    words: Annotated[
        str, typer.Option(help="Comma-separated words.")
    ] = "left,clockwise,slowly,forward,raise,kick",
    vocabulary: Annotated[
        Path | None, typer.Option(help="A run's vocabulary.json: the words to choose from.")
    ] = None,
    out: Results = None,
    overwrite: ReplaceFile = False,
) -> None:
    """What training changed: nearest words and minimal sentence pairs in two encoders."""
    from mate_hf.evaluation.words.neighbours import compare as run

    shown.comparison(run(before, after, words.split(","), vocabulary, out, overwrite), console)


@app.command("verify-client")
@handle_errors
def verify_client(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="Checkpoint of a text-to-motion model.")],
    against: Annotated[Path, typer.Option(help="Folder of `mate export`, format hf or hf-clip.")],
    base: Annotated[
        str | None, typer.Option(help="The stock encoder; by default what the export names.")
    ] = None,
) -> None:
    """Does this text-to-motion checkpoint hold the stock embedding table, or ours? Exit 0 for ours or none, else 1."""
    from mate_hf.exports.client_check import ABSENT, OURS
    from mate_hf.exports.client_check import verify_client as verify

    report = verify(checkpoint, against, base)
    console.print(f"{checkpoint}: {report.summary()}")
    if report.verdict not in (OURS, ABSENT):
        raise typer.Exit(1)


@app.command()
def env() -> None:
    """Versions and devices, for bug reports."""
    from mate_hf.utils.versions import environment

    console.print(json.dumps(environment(), indent=2), highlight=False)
