"""Commands that say which part of a motion a word speaks of: decompose, localize, convert-retrieval."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, handle_errors, out


@app.command()
@handle_errors
def decompose(
    captions: Annotated[Path, typer.Argument(metavar="CAPTIONS.txt", help="UTF-8, a caption a line.")],
    target: Annotated[Path, typer.Option("--out", help="JSON lines to write: caption, sub_texts.")],
    backend: Annotated[
        str, typer.Option(help="rules, openai (any endpoint of its protocol) or local.")
    ] = "rules",
    model: Annotated[str | None, typer.Option(help="Chat model of openai or local.")] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Endpoint of openai, with /v1. The key comes from OPENAI_API_KEY.")
    ] = None,
    concurrency: Annotated[int, typer.Option(help="Captions asked at a time.")] = 8,
    cache: Annotated[
        Path | None, typer.Option(help="File of answers, so that none is paid for twice.")
    ] = None,
) -> None:
    """Captions to ordered sub-texts, a verb in each, no word new and none used twice (appendix C)."""
    from mate_hf.text.decomposition.decompose import decompose_file

    report = decompose_file(
        captions,
        target,
        backend=backend,
        model=model,
        base_url=base_url,
        concurrency=concurrency,
        cache=cache,
    )
    out.print(report.summary())


@app.command()
@handle_errors
def localize(
    dataset: Annotated[str, typer.Argument(help="Prepared Dataset, HumanML3D/KIT-ML folder, or Hub id.")],
    retrieval: Annotated[Path, typer.Option(help="Run of train_retrieval.py, or a converted checkpoint.")],
    target: Annotated[Path, typer.Option("--out", help="Dataset to write.")],
    unit_seconds: Annotated[
        float, typer.Option(help="Segments are whole units of this length (Table 10).")
    ] = 0.5,
    backend: Annotated[str, typer.Option(help="What cuts captions: rules, openai or local.")] = "rules",
    model: Annotated[str | None, typer.Option(help="Chat model of openai or local.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Endpoint of openai, with /v1.")] = None,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda, ...; by default what accelerate finds.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace what stands at OUT.")] = False,
) -> None:
    """Cut captions into sub-texts and their motions into the segments that match them best (Eq. 1)."""
    from mate_hf.localization.run import localize_data

    chat = {"backend": backend, "model": model, "base_url": base_url}
    report = localize_data(dataset, retrieval, target, unit_seconds, device, sys.argv, overwrite, chat)
    if report is not None:
        out.print(report.summary())


@app.command("convert-retrieval")
@handle_errors
def convert_retrieval(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CKPT", help="TMR or OpenTMA checkpoint, file or folder.")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT")],
    text_encoder: Annotated[
        str | None, typer.Option(help="The frozen text encoder it was trained with; by default DistilBERT.")
    ] = None,
    text_revision: Annotated[str | None, typer.Option(help="Its Hub revision.")] = None,
    mean: Annotated[Path | None, typer.Option(help="Mean of the motion features, .npy or .pt.")] = None,
    std: Annotated[Path | None, typer.Option(help="Std of the motion features, .npy or .pt.")] = None,
    heads: Annotated[int | None, typer.Option(help="Attention heads, which weights do not tell.")] = None,
    compare_text: Annotated[
        bool, typer.Option(help="Compare a text model inside the checkpoint with the one that will be used.")
    ] = True,
    overwrite: Annotated[bool, typer.Option(help="Replace what stands at OUT.")] = False,
) -> None:
    """A published retrieval model (Mathux/TMR, LinghaoChan/OpenTMA) as a folder that TMRModel opens."""
    from mate_hf.retrieval_checkpoints import convert_retrieval as convert

    out.print(
        convert(
            checkpoint, target, text_encoder, text_revision, mean, std, heads, compare_text, overwrite
        ).summary()
    )
