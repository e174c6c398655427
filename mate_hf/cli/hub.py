"""Commands that speak with the Hub: push, pull."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, console, handle_errors
from mate_hf.cli.options import Base, Format, Overwrite, SplitName, Visual, Which


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
    space: Annotated[
        bool,
        typer.Option("--space", help="Upload the page of `mate explore` as a Space, with what it needs."),
    ] = False,
    generator: Annotated[
        list[str] | None,
        typer.Option(
            help="Of a Space: as of `mate explore`; of this machine it travels, of the Hub it is named."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Of a Space: Hub id of the corpus whose motions it shows; without one it shows none."
        ),
    ] = None,
    with_data: Annotated[
        bool,
        typer.Option(
            "--with-data",
            help="Of a Space: upload the corpus, the folder --data or that of the run, whose licence must allow it.",
        ),
    ] = False,
    retrieval: Annotated[
        str | None,
        typer.Option(help="Of a Space: as of `mate explore`; by default `retrieval` beside the run."),
    ] = None,
    split: SplitName = "test",
) -> None:
    """Export a run and upload it with its card, or its page as a Space, in one commit."""
    from mate_hf.hub.push import push as push_run

    where = push_run(
        *(run, repo_id, format, which, private, revision, create_pr, base, visual, results or ()),
        *(replace_card, prompt, space, generator or (), data, with_data, retrieval, split),
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
