"""Commands of the field's evaluator: convert a published one, measure generated motions with one."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, evaluate_app, handle_errors, out


@evaluate_app.command("generation")
@handle_errors
def evaluate_generation(
    real: Annotated[Path, typer.Option(help="Folder of real motions (.npy, features or joints).")],
    generated: Annotated[
        Path,
        typer.Option(help="Folder of generated motions of the same ids; or of folders, one a generation."),
    ],
    texts: Annotated[
        Path, typer.Option(help="Folder of <id>.txt, first line the caption; or .jsonl of id and caption.")
    ],
    evaluator: Annotated[Path, typer.Option(help="Run of train_evaluator.py, or a converted checkpoint.")],
    repeats: Annotated[
        int | None, typer.Option(min=1, help="Measurements; by default the protocol's.")
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="guo, or a repository's habits: mdm, motiondiffuse, remodiffuse.")
    ] = "guo",
    ids: Annotated[
        Path | None, typer.Option(help="Split list, an id a line; by default every real motion.")
    ] = None,
    multimodality: Annotated[
        Path | None,
        typer.Option(help="Folder of one folder a caption, each of 11 motions or more made from it."),
    ] = None,
    diversity_pairs: Annotated[int, typer.Option(min=1, help="Pairs of Diversity; the field's 300.")] = 300,
    glove: Annotated[
        Path | None, typer.Option(help="The field's word vectors, where the evaluator has none.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Fixes what is drawn.")] = 0,
    result: Annotated[Path | None, typer.Option("--out", help="Results JSON.")] = None,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
) -> None:
    """R-Precision, MM-Dist, FID, Diversity and MultiModality of any model's motions, with 95 % intervals."""
    from mate_hf.evaluation.generation.protocol import protocol_named
    from mate_hf.evaluation.generation.run_generation import generation_metrics
    from mate_hf.guo_evaluator import open_evaluator
    from mate_hf.utils.files import write_json

    habits = protocol_named(protocol)
    habits = habits if repeats is None else replace(habits, repeats=repeats)
    opened = open_evaluator(evaluator, which, glove)
    results = generation_metrics(
        real, generated, texts, opened, habits, sys.argv, ids, multimodality, diversity_pairs, seed
    )
    results |= {"protocol": protocol, "diversity_pairs": diversity_pairs}
    out.print(
        f"{results['items']} motions, {results['dropped']} left out for their length; mean ± 95 % of the repeats"
    )
    for name, found in results["metrics"]["generated"].items():
        of_real = results["metrics"]["real"].get(name)
        beside = "" if of_real is None else f"   real {of_real['mean']:.3f} ± {of_real['half_width']:.3f}"
        out.print(f"{name:20} {found['mean']:8.3f} ± {found['half_width']:.3f}{beside}")
    if result is not None:
        write_json(result, results)


@app.command("convert-evaluator")
@handle_errors
def convert_evaluator(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CKPT", help="text_mot_match/model/finest.tar of Guo et al. 2022.")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT")],
    mean: Annotated[Path, typer.Option(help="meta/mean.npy of that evaluator, not the corpus's Mean.npy.")],
    std: Annotated[Path, typer.Option(help="meta/std.npy of that evaluator, not the corpus's Std.npy.")],
    glove: Annotated[
        Path | None, typer.Option(help="The field's folder of word vectors, kept beside the weights.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace what stands at OUT.")] = False,
) -> None:
    """The field's published evaluator as a folder that EvaluatorModel opens."""
    from mate_hf.guo_evaluator import convert_evaluator as convert

    model = convert(checkpoint, target, mean, std, glove, overwrite)
    config = model.config
    out.print(f"{target}: {config.motion_width} features a frame, {config.feature_width}-d space.")
