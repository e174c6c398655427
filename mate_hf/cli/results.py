"""Commands that read a run: evaluate, export, compare, env."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli.app import app, evaluate_app, handle_errors, out


@evaluate_app.command("retrieval")
@handle_errors
def evaluate_retrieval(
    run: Annotated[Path, typer.Argument(help="Run folder of train.py or train_retrieval.py.")],
    data: Annotated[str, typer.Option(help="Folder, prepared Dataset or Hub id.")],
    split: Annotated[str, typer.Option()] = "test",
    result: Annotated[Path | None, typer.Option("--out", help="Results JSON.")] = None,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
    sentence_encoder: Annotated[
        str | None,
        typer.Option(help="Tells like captions, for (b) and (c); by default the retrieval run's own."),
    ] = None,
) -> None:
    """Text-motion retrieval on a split by protocols (a) to (d): R@1,2,3,5,10 and MedR, both ways."""
    from mate_hf.evaluation.run_retrieval import retrieval_of_run
    from mate_hf.utils.files import write_json

    results = retrieval_of_run(run, data, split, which, sys.argv, sentence_encoder)
    protocols = results["protocols"]
    out.print(f"{'':20}" + "".join(f"{f'({name})':>10}" for name in protocols))
    for metric in results["metrics"]:
        out.print(f"{metric:20}" + "".join(f"{scores[metric]:10.2f}" for scores in protocols.values()))
    if result is not None:
        write_json(result, results)


@evaluate_app.command("localization")
@handle_errors
def evaluate_localization(
    run: Annotated[Path, typer.Argument(help="Run of train_retrieval.py, or a converted checkpoint.")],
    data: Annotated[str, typer.Option(help="Corpus of `mate prepare --synthetic`, or prepared from one.")],
    split: Annotated[str, typer.Option()] = "test",
    truth: Annotated[
        Path | None, typer.Option(help="truth.jsonl of the corpus, where it does not lie in --data.")
    ] = None,
    unit_seconds: Annotated[float, typer.Option(help="Segments are whole units of this length.")] = 0.5,
    result: Annotated[Path | None, typer.Option("--out", help="Results JSON.")] = None,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
) -> None:
    """Boundary error in seconds where the truth is known (Table 9), beside uniform cuts and change points."""
    from mate_hf.evaluation.run_localization import localization_of_run
    from mate_hf.utils.files import write_json

    results = localization_of_run(run, data, split, which, sys.argv, truth, unit_seconds)
    for name, spread in results["metrics"]["seconds"].items():
        out.print(
            f"{name:16} {spread['mean']:6.3f} s  median {spread['median']:6.3f} s  of {spread['count']}"
        )
    if result is not None:
        write_json(result, results)


@evaluate_app.command("words")
@handle_errors
def evaluate_words(
    run: Annotated[Path, typer.Argument(help="Run folder of train.py, or a model folder.")],
    data: Annotated[str, typer.Option(help="Folder, prepared Dataset or Hub id.")],
    split: Annotated[str, typer.Option()] = "test",
    truth: Annotated[
        Path | None, typer.Option(help="truth.jsonl of a synthetic corpus, where it does not lie in --data.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The encoder the run was trained from, where it does not say.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Captions of the split to read at most.")] = None,
    result: Annotated[Path | None, typer.Option("--out", help="Results JSON.")] = None,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
) -> None:
    """Does a word know its motion? Antonyms, swaps of one word, grounding where the truth is known, disentanglement."""
    from mate_hf.evaluation.words.run_words import print_words, words_of_run
    from mate_hf.utils.files import write_json

    results = words_of_run(run, data, split, which, sys.argv, truth, base, limit)
    print_words(results["metrics"], out)
    if result is not None:
        write_json(result, results)


@app.command()
@handle_errors
def export(
    run: Annotated[Path, typer.Argument(help="Run folder of train.py, or a model folder.")],
    target: Annotated[Path, typer.Argument(metavar="OUT")],
    format: Annotated[
        str,
        typer.Option(
            help="hf: the text encoder in stock layout. hf-clip: the whole CLIP repository. openai-clip: model.pt for "
            "clip.load. adapter: the changed rows for PEFT. full: the whole MateModel with its code."
        ),
    ] = "hf",
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
    base: Annotated[
        str | None,
        typer.Option(
            help="The encoder the run was trained from, where it does not say or it lies elsewhere now."
        ),
    ] = None,
    visual: Annotated[
        str, typer.Option(help="Visual tower of openai-clip: base, or stand-in (empty, 350 MB less).")
    ] = "base",
    overwrite: Annotated[bool, typer.Option(help="Replace what stands at OUT.")] = False,
) -> None:
    """The trained text encoder as everybody's code opens it; checked by opening it before it is called done."""
    from mate_hf.export import export as export_run

    report = export_run(run, target, format, which, overwrite, base, visual)
    out.print(
        f"{target}: opened again, same features as the trained encoder.\n{report.summary()}", markup=False
    )


@app.command()
@handle_errors
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
    from mate_hf.evaluation.words.neighbours import MOTION_WORDS, compare_encoders, print_comparison
    from mate_hf.text.encoders import open_text_encoder
    from mate_hf.text.vocabulary import Vocabulary
    from mate_hf.utils.files import write_json

    among = MOTION_WORDS if vocabulary is None else tuple(Vocabulary.load(vocabulary).word_to_lemma)
    found = compare_encoders(open_text_encoder(before), open_text_encoder(after), words.split(","), among)
    print_comparison(found, out)
    if result is not None:
        write_json(result, found.to_json())


@app.command()
def env() -> None:
    """Versions and devices, for bug reports."""
    import torch

    from mate_hf.utils.versions import versions

    devices = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] or ["cpu"]
    out.print(json.dumps({**versions(), "devices": devices}, indent=2), highlight=False, markup=False)
