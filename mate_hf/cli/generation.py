"""Commands that make motions: generate, generate-split, reconstruct."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, console, handle_errors
from mate_hf.cli.options import (
    AnyEncoder,
    Data,
    Device,
    Generator,
    Guidance,
    MovedEncoder,
    Overwrite,
    Solver,
    SplitName,
    Steps,
    Which,
)


@app.command()
@handle_errors
def generate(
    prompts: Annotated[list[str], typer.Argument(metavar="PROMPT...", help="Sentences to act out.")],
    out: Annotated[
        Path,
        typer.Option(
            help=".npy of joints (T,J,3), .bvh or .glb; of several motions NAME_0.npy, NAME_1.npy, ... Or a picture of up to four side by "
            "side: .html, .gif or .mp4; or .png, a strip of one."
        ),
    ],
    model: Generator = "runs/generator",
    seconds: Annotated[
        list[float] | None,
        typer.Option(help="Of every motion, or given once for each prompt; 6 by default."),
    ] = None,
    num: Annotated[int, typer.Option(help="Motions of each prompt.")] = 1,
    seed: Annotated[int, typer.Option(help="Fixes everything.")] = 0,
    then: Annotated[
        bool, typer.Option("--then", help="Act the prompts out one after another, in one motion.")
    ] = False,
    edit: Annotated[
        Path | None, typer.Option(help=".npy of a clip, joints or features, to act around.")
    ] = None,
    keep_frames: Annotated[
        str | None, typer.Option(help="Frames of the clip that stay: 0:40, 150: or 0:20,100:120.")
    ] = None,
    keep_joints: Annotated[
        str | None,
        typer.Option(
            help="Joints of the clip that stay: legs, arms, upper, left arm, ..., or names of joints."
        ),
    ] = None,
    strength: Annotated[
        float, typer.Option(help="How much of the rest is made anew; below 1 it begins from the clip.")
    ] = 1.0,
    features: Annotated[
        bool, typer.Option("--features", help="Write features (T,263) in place of joints.")
    ] = False,
    steps: Steps = 10,
    guidance: Guidance = 1.5,
    solver: Solver = None,
    which: Which = "best",
    device: Device = "cpu",
    text_encoder: MovedEncoder = None,
    any_encoder: AnyEncoder = False,
    overwrite: Overwrite = False,
) -> None:
    """Act out sentences, or edit a clip by one."""
    from mate_hf.generation.run import generate as run

    files = run(
        *(prompts, out, model, seconds, num, seed, then, edit, keep_frames, keep_joints, strength, features),
        *(steps, guidance, solver, which, device, text_encoder, any_encoder, overwrite),
    )
    for file in files:
        console.print(f"{file}")


@app.command("generate-split")
@handle_errors
def generate_split(
    model: Annotated[
        str,
        typer.Argument(
            help="Run of `mate train-generator` or `mate train-masked`, pipeline folder, or Hub id."
        ),
    ],
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder of real/, generated/0/ ... and captions.jsonl.")],
    split: SplitName = "test",
    generations: Annotated[int, typer.Option(help="Motions of each clip, each in a folder of all.")] = 1,
    multimodality: Annotated[int, typer.Option(help="Clips of which many more motions are made.")] = 0,
    seed: Annotated[int, typer.Option(help="Fixes everything.")] = 0,
    steps: Steps = 10,
    guidance: Guidance = 1.5,
    solver: Solver = None,
    which: Which = "best",
    device: Device = "cpu",
    text_encoder: MovedEncoder = None,
    any_encoder: AnyEncoder = False,
    overwrite: Overwrite = False,
) -> None:
    """Act out the captions of a split, for `mate evaluate generation`."""
    from mate_hf.generation.split_samples import generate_split as run

    count = run(
        *(model, data, out, split, generations, multimodality, seed, steps, guidance, solver, which, device),
        *(text_encoder, any_encoder, overwrite),
    )
    console.print(f"{out}: {count} clips")


@app.command("reconstruct")
@handle_errors
def reconstruct(
    model: Annotated[str, typer.Argument(help="Run of `mate train-vq`, or a model folder.")],
    data: Data,
    out: Annotated[
        Path, typer.Option(help="Folder of real/, generated/0/, captions.jsonl and reconstruction.json.")
    ],
    split: SplitName = "test",
    levels: Annotated[
        int | None, typer.Option(help="First so many levels of the codes alone; by default all.")
    ] = None,
    which: Which = "best",
    device: Device = "cpu",
    overwrite: Overwrite = False,
) -> None:
    """The motions of a split through a VQ-VAE's codes and back, for `mate evaluate generation`."""
    from mate_hf.generation.reconstructing import reconstruct as run

    found = run(model, data, out, split, levels, which, device, overwrite)
    used = ", ".join(f"{found[f'used_{level}']:.0%}" for level in range(1, found["levels"] + 1))
    console.print(
        f"{out}: {found['clips']} clips, joints off by {found['joint_error_cm']:.1f} cm, {found['body_error_cm']:.1f} seen from the "
        f"root; codes used, level by level: {used}"
    )
