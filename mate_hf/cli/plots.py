"""Commands that draw: plot skeleton, localization, words, curves, obedience, generation, ablation; report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, console, handle_errors, plot_app
from mate_hf.cli.options import Base, Device, LeftHanded, Overwrite, Scale, SplitName, Up, Which


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


Picture = Annotated[Path, typer.Option(help=".png, .svg or .pdf.")]


@plot_app.command("words")
@handle_errors
def plot_words(
    run: Annotated[Path, typer.Argument(help="Run of `mate train`.")],
    out: Picture,
    figure: Annotated[
        str,
        typer.Option(
            help="map: words on a plane before and after. contraries: cosines of contrary words with one another. antonyms: each pair "
            "before and after. displacement: how far rows moved, by class of word. frequencies: how often words occur. features: "
            "what words find in motions of --data, with their prototypes."
        ),
    ] = "map",
    data: Annotated[str | None, typer.Option(help="Corpus whose motions `features` reads.")] = None,
    split: SplitName = "test",
    base: Base = None,
    which: Which = "best",
    overwrite: Overwrite = False,
) -> None:
    """What tuning did to the words of a run, beside the stock encoder."""
    from mate_hf.reports.word_figures import plot_words as draw

    console.print(f"{draw(run, out, figure, data, split, base, which, overwrite)}")


@plot_app.command("curves")
@handle_errors
def plot_curves(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Folders of trainings of any kind, finished or not."),
    ],
    out: Picture,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            help="Name of the log without train/ and val/; may be repeated. By default all losses, and R@1."
        ),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Losses on a logarithmic scale.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Losses and validations of trainings by step, several runs together."""
    from mate_hf.plotting.run_curves import plot_curves as draw

    console.print(f"{draw(runs, out, measure or (), log, overwrite)}")


@plot_app.command("obedience")
@handle_errors
def plot_obedience(
    results: Annotated[
        list[Path], typer.Argument(metavar="RESULT.json...", help="Files of `mate evaluate obedience`.")
    ],
    out: Picture,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Of a generator; given once for each file. By default the file's name."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """How many bodies obey, by class of prompt and probe, generators side by side."""
    from mate_hf.plotting.run_obedience import plot_obedience as draw

    console.print(f"{draw(results, out, name or (), overwrite)}")


@plot_app.command("generation")
@handle_errors
def plot_generation(
    prompts: Annotated[
        list[str], typer.Argument(metavar="PROMPT...", help="What bodies are told: a group of strips each.")
    ],
    generator: Annotated[
        list[str],
        typer.Option(
            help="Run, folder or Hub id of a generator, or NAME=PATH; given once for each, up to four."
        ),
    ],
    out: Picture,
    seconds: Annotated[float, typer.Option(help="Of every motion.")] = 6.0,
    seed: Annotated[int, typer.Option(help="Of the noise, the same for all.")] = 0,
    which: Which = "best",
    device: Device = "cpu",
    overwrite: Overwrite = False,
) -> None:
    """What generators make of the same prompts and the same noise, a strip each."""
    from mate_hf.generation.run_strips import plot_generation as draw

    console.print(f"{draw(prompts, generator, out, seconds, seed, which, device, overwrite)}")


@plot_app.command("ablation")
@handle_errors
def plot_ablation(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of `mate ablate`.")],
    out: Picture,
    metric: Annotated[
        str, typer.Option(help='Heading of a row of the tables: "swap %", "obeyed %, new combination".')
    ],
    overwrite: Overwrite = False,
) -> None:
    """One measure of every arm of an ablation, with its seeds and their spread."""
    from mate_hf.reports.ablation_figure import plot_ablation as draw

    console.print(f"{draw(folder, out, metric, overwrite)}")


@app.command("report")
@handle_errors
def report(
    run: Annotated[Path, typer.Argument(help="Run of `mate train`.")],
    out: Annotated[Path, typer.Option(help=".html")],
    data: Annotated[
        str | None, typer.Option(help="Corpus of `mate localize`: a caption is drawn, and two motions play.")
    ] = None,
    generator: Annotated[
        str | None, typer.Option(help="Generator whose motions play in place of the corpus's.")
    ] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="What the generator acts out; may be repeated, up to four.")
    ] = None,
    results: Annotated[
        list[Path] | None,
        typer.Option(
            help="Further file of `mate evaluate`; may be repeated. Those in the run are read anyway."
        ),
    ] = None,
    split: SplitName = "test",
    base: Base = None,
    which: Which = "best",
    overwrite: Overwrite = False,
) -> None:
    """One HTML page of a run: settings, numbers in words, pictures, motions that play. It needs no network."""
    from mate_hf.reports.run_report import report as write

    console.print(
        f"{write(run, out, data, generator, prompt or (), results or (), split, base, which, overwrite)}"
    )
