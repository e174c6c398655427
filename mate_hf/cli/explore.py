"""The command that serves a page: explore."""

from __future__ import annotations

from typing import Annotated

import typer

from mate_hf.cli.app import app, handle_errors
from mate_hf.cli.options import Base, Device, SplitName, Which


@app.command()
@handle_errors
def explore(
    run: Annotated[
        str,
        typer.Argument(
            help="Run of `mate train`, folder of a quickstart, or Hub id of a push with --format full."
        ),
    ],
    generator: Annotated[
        list[str] | None,
        typer.Option(
            help="Run of `mate train-generator` or `mate train-masked`, pipeline folder, or Hub id; given twice, both act side by side. "
            "NAME=PATH names it."
        ),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Corpus whose motions are shown; by default that of the run.")
    ] = None,
    retrieval: Annotated[
        str | None,
        typer.Option(
            help="Run of `mate train-retrieval`, or Hub id, that localizes sub-texts; by default `retrieval` beside the run."
        ),
    ] = None,
    split: SplitName = "test",
    base: Base = None,
    which: Which = "best",
    device: Device = "cpu",
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 lets other machines see the page.")
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="By default the first free one from 7860 on.")] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Say the address and open no browser.")
    ] = False,
) -> None:
    """Serve a page on which a run is asked by hand: captions over motions, searches, words, generators side by side."""
    from mate_hf.explorer.run import explore as run_page

    run_page(run, generator or (), data, retrieval, split, base, which, device, host, port, no_browser)
