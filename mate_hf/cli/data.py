"""Commands that make data: prepare, join, features, convert."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, console, handle_errors
from mate_hf.cli.options import Fps, LeftHanded, Overwrite, Scale, Shard, Up


@app.command()
@handle_errors
def prepare(
    paths: Annotated[
        list[str], typer.Argument(help="DATA OUT, or OUT alone with --synthetic.", metavar="[DATA] OUT")
    ],
    synthetic: Annotated[bool, typer.Option(help="Write the embedded synthetic corpus to OUT.")] = False,
    motions: Annotated[int, typer.Option(help="Motions of the synthetic corpus.")] = 3000,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic corpus.")] = 0,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes; by default one a core where the work is worth it. The result is the same."
        ),
    ] = None,
    overwrite: Overwrite = False,
    scale: Scale = None,
    up: Up = None,
    fps: Fps = None,
    left_handed: LeftHanded = False,
    shard: Shard = None,
) -> None:
    """A HumanML3D/KIT-ML folder (or a Hub dataset) to a Dataset on disk with features, lemmas and vocabulary."""
    expected = 1 if synthetic else 2
    if len(paths) != expected:
        raise typer.BadParameter(f"{len(paths)} paths; expected {'OUT' if synthetic else 'DATA OUT'}.")
    if synthetic:
        for name, given in (
            ("scale", scale),
            ("up", up),
            ("fps", fps),
            ("left-handed", left_handed or None),
            ("shard", shard),
        ):
            if given is not None:
                raise typer.BadParameter(f"--{name} has no meaning with --synthetic.")
        from mate_hf.data.synthetic import summary, write_synthetic_corpus

        console.print(summary(write_synthetic_corpus(paths[0], motions, seed, workers, overwrite=overwrite)))
        return
    from mate_hf.utils.distributed import launched_state

    state = launched_state()
    if shard is not None:
        from mate_hf.data.shards import prepare_shard
        from mate_hf.utils.shards import require_alone

        require_alone(state.num_processes)
        done = prepare_shard(paths[0], paths[1], shard, overwrite, workers, scale, up, fps, left_handed)
        console.print(done.summary())
        return
    from mate_hf.data.preparation import prepare as run

    prepared = run(paths[0], paths[1], overwrite, workers, state, scale, up, fps, left_handed)
    if state.is_main_process:
        console.print(prepared.summary())


@app.command()
@handle_errors
def join(
    shards: Annotated[
        list[Path], typer.Argument(metavar="SHARD...", help="The folders of all shards, in any order.")
    ],
    out: Annotated[Path, typer.Option(help="Dataset to write.")],
    data: Annotated[
        str | None,
        typer.Option(
            help="Of shards of localize, the prepared Dataset, where it does not lie where it lay then."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Shards of `mate prepare --shard` or `mate localize --shard` to what one machine would have written."""
    from mate_hf.localization.join import join as run

    console.print(run(shards, out, data, overwrite, argv=sys.argv).summary())


@app.command()
@handle_errors
def features(
    source: Annotated[Path, typer.Argument(metavar="IN.npy", help="Joints (T,J,3) or features (T,263|251).")],
    out: Annotated[Path, typer.Argument(metavar="OUT.npy")],
    inverse: Annotated[bool, typer.Option(help="Features to joints.")] = False,
    kind: Annotated[str | None, typer.Option(help="humanml3d or kit; by default read off the array.")] = None,
    legacy_sign: Annotated[
        bool, typer.Option(help="Reproduce the sign flips of the published files.")
    ] = False,
    scale: Scale = None,
    up: Up = None,
    fps: Fps = None,
    left_handed: LeftHanded = False,
    overwrite: Overwrite = False,
) -> None:
    """Joints to HumanML3D features (T-1 frames), or back."""
    from mate_hf.data.conversion import convert_file

    frames = convert_file(source, out, inverse, kind, legacy_sign, scale, up, fps, left_handed, overwrite)
    console.print(f"{out}: {frames} frames")


@app.command()
@handle_errors
def convert(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN.npy", help="Joints (T,22|21,3) or features (T,263|251), or several such motions."
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Ends in .bvh, .glb or .npy.")],
    motion: Annotated[int | None, typer.Option(help="Which of several motions, from 0.")] = None,
    scale: Scale = None,
    up: Up = None,
    fps: Annotated[
        float | None,
        typer.Option(help="Frames a second of the motion; by default 20, or 12.5 of KIT-ML. All are kept."),
    ] = None,
    left_handed: LeftHanded = False,
    overwrite: Overwrite = False,
) -> None:
    """A motion to an animation file: BVH, GLB, or joints in metres."""
    from mate_hf.motion_files.converting import convert as run

    console.print(f"{out}: {run(source, out, motion, scale, up, fps, left_handed, overwrite)}")
