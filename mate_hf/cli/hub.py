"""Commands that speak with the Hub: push, pull."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, console, handle_errors
from mate_hf.cli.options import Base, Format, Overwrite, Visual, Which


@app.command()
@handle_errors
def push(
    run: Annotated[
        Path, typer.Argument(help="Run of `mate train`, `mate train-generator` or `mate train-masked`.")
    ],
    repo_id: Annotated[str, typer.Argument(metavar="ORG/NAME")],
    format: Format = "hf",
    which: Which = "best",
    private: Annotated[bool, typer.Option(help="Where the repository is made now.")] = False,
    revision: Annotated[str | None, typer.Option(help="Branch; made where it does not exist.")] = None,
    create_pr: Annotated[bool, typer.Option("--create-pr", help="As a pull request.")] = False,
    base: Base = None,
    visual: Visual = "base",
    results: Annotated[
        list[Path] | None, typer.Option(help="Results of mate evaluate for the card; may be given often.")
    ] = None,
    replace_card: Annotated[bool, typer.Option(help="Replace a README.md that stands on the Hub.")] = False,
    prompt: Annotated[
        str | None, typer.Option(help="Of a generator: what the picture on its card acts out.")
    ] = None,
) -> None:
    """Export a run and upload it with its card, in one commit."""
    from mate_hf.hub.push import push as push_run

    where = push_run(
        *(run, repo_id, format, which, private, revision, create_pr, base, visual, results or ()),
        *(replace_card, prompt),
    )
    console.print(where)


@app.command()
@handle_errors
def pull(
    repo_id: Annotated[str, typer.Argument(metavar="ORG/NAME")],
    out: Annotated[Path, typer.Argument(metavar="OUT")],
    revision: Annotated[str | None, typer.Option(help="Branch, tag or commit.")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Download a repository to a folder, whole or not at all."""
    from mate_hf.hub.push import pull as pull_repository

    console.print(f"{pull_repository(repo_id, out, revision, overwrite)}")
