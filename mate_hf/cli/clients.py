"""Commands around text-to-motion repositories: verify-client."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, handle_errors, out


@app.command("verify-client")
@handle_errors
def verify_client(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="Checkpoint of a text-to-motion model.")],
    against: Annotated[Path, typer.Option(help="Folder of `mate export`, format hf.")],
    base: Annotated[
        str | None, typer.Option(help="The stock encoder; by default what the export names.")
    ] = None,
) -> None:
    """Does this text-to-motion checkpoint hold the stock embedding table, or ours? Exit 0 for ours or none, else 1."""
    from mate_hf.export.client_check import ABSENT, OURS
    from mate_hf.export.client_check import verify_client as verify

    report = verify(checkpoint, against, base)
    out.print(f"{checkpoint}: {report.summary()}", markup=False)
    if report.verdict not in (OURS, ABSENT):
        raise typer.Exit(1)
