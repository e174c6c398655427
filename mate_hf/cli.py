"""The `mate` command. Heavy imports wait inside the commands, so that `--help` answers at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from mate_hf.errors import MateError
from mate_hf.terminal import calm_progress_bars

app = typer.Typer(help=__doc__.split(".")[0] + ": motion-aligned word embeddings.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure a run.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
out = Console(highlight=False, soft_wrap=True)


@app.callback()
def _options(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Motion-aligned word embeddings for text-to-motion models."""
    out.quiet = quiet
    calm_progress_bars(quiet)


def speaks(command: Callable[..., None]) -> Callable[..., None]:
    """Bad input ends a command with its message on stderr and exit code 1, without a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except MateError as error:
            Console(stderr=True, highlight=False).print(f"error: {error}", markup=False)
            raise typer.Exit(1) from error

    return run


@app.command()
@speaks
def prepare(
    paths: Annotated[
        list[str], typer.Argument(help="DATA OUT, or OUT alone with --synthetic.", metavar="[DATA] OUT")
    ],
    synthetic: Annotated[bool, typer.Option(help="Write the embedded synthetic corpus to OUT.")] = False,
    motions: Annotated[int, typer.Option(help="Motions of the synthetic corpus.")] = 3000,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic corpus.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes that act out synthetic motions.")] = 1,
    overwrite: Annotated[bool, typer.Option(help="Replace what stands at OUT.")] = False,
) -> None:
    """A HumanML3D/KIT-ML folder (or a Hub dataset) to a Dataset on disk with features, lemmas and vocabulary."""
    expected = 1 if synthetic else 2
    if len(paths) != expected:
        raise typer.BadParameter(f"{len(paths)} paths; expected {'OUT' if synthetic else 'DATA OUT'}.")
    if synthetic:
        from mate_hf.data.synthetic import write_synthetic_corpus

        counts = write_synthetic_corpus(Path(paths[0]), motions, seed, workers, overwrite=overwrite)
        out.print(", ".join(f"{name} {count}" for name, count in counts.items()))
        return
    from mate_hf.preparation import prepare as prepare_corpus

    prepared = prepare_corpus(paths[0], Path(paths[1]), overwrite=overwrite)
    out.print(prepared.summary())


@app.command()
@speaks
def features(
    source: Annotated[Path, typer.Argument(metavar="IN.npy", help="Joints (T,J,3) or features (T,263|251).")],
    target: Annotated[Path, typer.Argument(metavar="OUT.npy")],
    inverse: Annotated[bool, typer.Option(help="Features to joints.")] = False,
    kind: Annotated[str | None, typer.Option(help="humanml3d or kit; by default read off the array.")] = None,
    legacy_sign: Annotated[
        bool, typer.Option(help="Reproduce the sign flips of the published files.")
    ] = False,
) -> None:
    """Joints to HumanML3D features (T-1 frames), or back."""
    from mate_hf.data.conversion import convert_file

    frames = convert_file(source, target, inverse, kind, legacy_sign)
    out.print(f"{target}: {frames} frames")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def train(context: typer.Context) -> None:
    """Train MATE through accelerate's launcher; the flags of training/train.py (`mate train --help`)."""
    from accelerate.commands.launch import launch_command, launch_command_parser

    import mate_hf.training.train as script

    launch_command(launch_command_parser().parse_args(["--quiet", str(script.__file__), *context.args]))


@evaluate_app.command("retrieval")
@speaks
def evaluate_retrieval(
    run: Annotated[Path, typer.Argument(help="Run folder of train.py.")],
    data: Annotated[str, typer.Option(help="Folder, prepared Dataset or Hub id.")],
    split: Annotated[str, typer.Option()] = "test",
    result: Annotated[Path | None, typer.Option("--out", help="Results JSON.")] = None,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
) -> None:
    """Text-motion retrieval on a split: R@1,2,3,5,10 and MedR, both ways, all items against all."""
    from mate_hf.evaluation.run_retrieval import retrieval_of_run
    from mate_hf.files import write_json

    results = retrieval_of_run(run, data, split, which, sys.argv)
    for name, value in results["metrics"].items():
        out.print(f"{name:12} {value:8.2f}")
    if result is not None:
        write_json(result, results)


@app.command()
@speaks
def export(
    run: Annotated[Path, typer.Argument(help="Run folder of train.py, or a model folder.")],
    target: Annotated[Path, typer.Argument(metavar="OUT")],
    format: Annotated[str, typer.Option(help="hf: stock Hugging Face layout.")] = "hf",
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
    overwrite: Annotated[bool, typer.Option(help="Replace what stands at OUT.")] = False,
) -> None:
    """The trained text encoder as everybody's code opens it; checked by opening it before it is called done."""
    from mate_hf.export import export as export_run

    export_run(run, target, format, which, overwrite)
    out.print(
        f"{target}: opened again with AutoModel and AutoTokenizer, same features as the trained encoder."
    )


@app.command()
@speaks
def compare(
    before: Annotated[str, typer.Argument(help="Text encoder: Hub id, folder, or package:NAME.")],
    after: Annotated[str, typer.Argument(help="Text encoder: Hub id, folder, or package:NAME.")],
    words: Annotated[
        str, typer.Option(help="Comma-separated words.")
    ] = "left,clockwise,slowly,forward,raise,kick",
    vocabulary: Annotated[
        Path | None, typer.Option(help="A run's vocabulary.json: the words to choose from.")
    ] = None,
    result: Annotated[Path | None, typer.Option("--out", help="JSON of what is printed.")] = None,
) -> None:
    """What training changed: nearest words and minimal sentence pairs in two encoders."""
    from mate_hf.files import write_json
    from mate_hf.neighbours import MOTION_WORDS, compare_encoders, print_comparison
    from mate_hf.text.encoders import open_text_encoder
    from mate_hf.text.vocabulary import Vocabulary

    among = MOTION_WORDS if vocabulary is None else tuple(Vocabulary.load(vocabulary).word_to_lemma)
    found = compare_encoders(open_text_encoder(before), open_text_encoder(after), words.split(","), among)
    print_comparison(found, out)
    if result is not None:
        write_json(result, found.to_json())


@app.command()
def env() -> None:
    """Versions and devices, for bug reports."""
    import torch

    from mate_hf.provenance import versions

    devices = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] or ["cpu"]
    out.print(json.dumps({**versions(), "devices": devices}, indent=2), highlight=False, markup=False)


def main() -> None:
    """Entry point; `--quiet` may stand anywhere."""
    arguments = sys.argv[1:]
    if "--quiet" in arguments and arguments[0] != "--quiet":
        arguments = ["--quiet", *(word for word in arguments if word != "--quiet")]
    app(arguments)


if __name__ == "__main__":
    main()
