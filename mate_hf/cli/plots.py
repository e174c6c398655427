"""Commands that draw: plot skeleton, plot localization."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import console, handle_errors, plot_app
from mate_hf.cli.options import Device, LeftHanded, Overwrite, Scale, SplitName, Up, Which


@plot_app.command("skeleton")
@handle_errors
def plot_skeleton(
    motions: Annotated[
        list[Path],
        typer.Argument(
            metavar="MOTION.npy...",
            help="Joints (T,22|21,3) or features (T,263|251); up to four for what moves.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            help=".png, .svg or .pdf: a strip. .gif or .mp4: a film. .html: a page to turn and scrub it in, which needs no network."
        ),
    ],
    title: Annotated[
        list[str] | None,
        typer.Option(help="What a body was told; given once for each motion. By default the file's name."),
    ] = None,
    heading: Annotated[str, typer.Option(help="Above all of them, in what moves.")] = "",
    motion: Annotated[int | None, typer.Option(help="Which of several motions of a file, from 0.")] = None,
    scale: Scale = None,
    up: Up = None,
    fps: Annotated[
        float | None,
        typer.Option(help="Frames a second of the motions; by default 20, or 12.5 of KIT-ML. All are kept."),
    ] = None,
    left_handed: LeftHanded = False,
    overwrite: Overwrite = False,
) -> None:
    """Motions as stick figures: a strip of moments, a film, or a page that plays them."""
    from mate_hf.plotting.run_skeleton import plot_skeleton as run

    console.print(f"{run(motions, out, title, heading, motion, scale, up, fps, left_handed, overwrite)}")


@plot_app.command("localization")
@handle_errors
def plot_localization(
    data: Annotated[str, typer.Argument(metavar="DATASET", help="What `mate localize` left.")],
    out: Annotated[Path, typer.Option(help=".png, .svg or .pdf.")],
    run: Annotated[
        Path | None, typer.Option(help="Run of `mate train`: where its words look is drawn, too.")
    ] = None,
    split: SplitName = "test",
    clip: Annotated[
        str | None,
        typer.Option(
            help="Id of a motion; by default the caption with the most sub-texts of the split is drawn."
        ),
    ] = None,
    row: Annotated[int | None, typer.Option(help="Caption of the split, from 0, in place of a clip.")] = None,
    which: Which = "best",
    device: Device = "cpu",
    overwrite: Overwrite = False,
) -> None:
    """Which part of a motion each part of its caption tells of, and where each word looks."""
    from mate_hf.plotting.run_localization import plot_localization as draw

    console.print(f"{draw(data, out, run, split, clip, row, which, device, overwrite)}")
