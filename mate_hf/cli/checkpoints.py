"""Commands that take in published checkpoints: convert-retrieval, convert-evaluator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, console, handle_errors
from mate_hf.cli.options import Glove, Overwrite


@app.command("convert-retrieval")
@handle_errors
def convert_retrieval(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CKPT", help="TMR or OpenTMA checkpoint, file or folder.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT")],
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
    overwrite: Overwrite = False,
) -> None:
    """A published retrieval model (Mathux/TMR, LinghaoChan/OpenTMA) as a folder that TMRModel opens."""
    from mate_hf.retrieval_checkpoints import convert_retrieval as convert

    found = convert(checkpoint, out, text_encoder, text_revision, mean, std, heads, compare_text, overwrite)
    console.print(found.summary())


@app.command("convert-evaluator")
@handle_errors
def convert_evaluator(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CKPT", help="text_mot_match/model/finest.tar of Guo et al. 2022.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT")],
    mean: Annotated[Path, typer.Option(help="meta/mean.npy of that evaluator, not the corpus's Mean.npy.")],
    std: Annotated[Path, typer.Option(help="meta/std.npy of that evaluator, not the corpus's Std.npy.")],
    glove: Glove = None,
    overwrite: Overwrite = False,
) -> None:
    """The field's published evaluator as a folder that EvaluatorModel opens."""
    from mate_hf.guo_evaluator import convert_evaluator as convert

    config = convert(checkpoint, out, mean, std, glove, overwrite).config
    console.print(f"{out}: {config.motion_width} features a frame, {config.feature_width}-d space.")
