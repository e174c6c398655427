"""Commands that say which part of a motion a word speaks of: decompose, localize."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, console, handle_errors
from mate_hf.cli.options import Backend, BaseUrl, ChatModel, Overwrite, Shard, UnitSeconds


@app.command()
@handle_errors
def decompose(
    captions: Annotated[Path, typer.Argument(metavar="CAPTIONS.txt", help="UTF-8, one caption per line.")],
    out: Annotated[Path, typer.Option(help="JSON lines to write: caption, sub_texts.")],
    backend: Backend = "rules",
    model: ChatModel = None,
    base_url: BaseUrl = None,
    concurrency: Annotated[int, typer.Option(help="Captions asked at a time.")] = 8,
    cache: Annotated[
        Path | None, typer.Option(help="File of answers, so that none is paid for twice.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Captions to ordered sub-texts, a verb in each, no word new and none used twice (appendix C)."""
    from mate_hf.text.decomposition.decompose import decompose_file

    report = decompose_file(captions, out, backend, model, base_url, concurrency, cache, overwrite)
    console.print(report.summary())


@app.command()
@handle_errors
def localize(
    data: Annotated[
        str, typer.Argument(metavar="DATASET", help="Prepared Dataset, HumanML3D/KIT-ML folder, or Hub id.")
    ],
    retrieval: Annotated[Path, typer.Option(help="Run of train_retrieval.py, or a converted checkpoint.")],
    out: Annotated[Path, typer.Option(help="Dataset to write.")],
    unit_seconds: UnitSeconds = 0.5,
    backend: Backend = "rules",
    model: ChatModel = None,
    base_url: BaseUrl = None,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda, ...; by default what accelerate finds.")
    ] = None,
    overwrite: Overwrite = False,
    shard: Shard = None,
) -> None:
    """Cut captions into sub-texts and their motions into the segments that match them best (Eq. 1)."""
    if shard is not None:
        from mate_hf.localization.run import localize_shard

        done = localize_shard(
            data, retrieval, out, shard, unit_seconds, backend, model, base_url, device, overwrite
        )
        console.print(done.summary())
        return
    from mate_hf.localization.run import localize as run

    report = run(
        data, retrieval, out, unit_seconds, backend, model, base_url, device, overwrite, argv=sys.argv
    )
    if report is not None:
        console.print(report.summary())
