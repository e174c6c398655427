"""Commands that measure: evaluate retrieval, localization, words, obedience, generation; compare-obedience; ablate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.cli import shown
from mate_hf.cli.app import app, console, evaluate_app, handle_errors
from mate_hf.cli.options import (
    AnyEncoder,
    Data,
    Device,
    Fps,
    Glove,
    Guidance,
    LeftHanded,
    MovedEncoder,
    ReplaceFile,
    Results,
    Scale,
    Solver,
    SplitName,
    Steps,
    Truth,
    UnitSeconds,
    Up,
    Which,
)


@evaluate_app.command("retrieval")
@handle_errors
def evaluate_retrieval(
    run: Annotated[Path, typer.Argument(help="Run folder of train.py or train_retrieval.py.")],
    data: Data,
    split: SplitName = "test",
    out: Results = None,
    which: Which = "best",
    sentence_encoder: Annotated[
        str | None,
        typer.Option(help="Tells like captions, for (b) and (c); by default the retrieval run's own."),
    ] = None,
    device: Device = "cpu",
    overwrite: ReplaceFile = False,
) -> None:
    """Text-motion retrieval on a split by protocols (a) to (d): R@1,2,3,5,10 and MedR, both ways."""
    from mate_hf.evaluation.run_retrieval import evaluate_retrieval as run_evaluation

    results = run_evaluation(run, data, split, out, which, sentence_encoder, device, sys.argv, overwrite)
    shown.retrieval(results, console)


@evaluate_app.command("localization")
@handle_errors
def evaluate_localization(
    run: Annotated[
        Path, typer.Argument(help="Retrieval run (train_retrieval.py), or a converted checkpoint.")
    ],
    data: Annotated[str, typer.Option(help="Corpus of `mate prepare --synthetic`, or prepared from one.")],
    split: SplitName = "test",
    truth: Truth = None,
    unit_seconds: UnitSeconds = 0.5,
    out: Results = None,
    which: Which = "best",
    device: Device = "cpu",
    overwrite: ReplaceFile = False,
) -> None:
    """Boundary error in seconds where the truth is known (Table 9), beside uniform cuts and change points."""
    from mate_hf.evaluation.run_localization import evaluate_localization as run_evaluation

    results = run_evaluation(run, data, split, truth, unit_seconds, out, which, device, sys.argv, overwrite)
    shown.localization(results, console)


@evaluate_app.command("words")
@handle_errors
def evaluate_words(
    run: Annotated[Path, typer.Argument(help="Run folder of train.py, or a model folder.")],
    data: Data,
    split: SplitName = "test",
    truth: Truth = None,
    base: Annotated[
        str | None, typer.Option(help="The encoder the run was trained from, where it does not say.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Captions of the split to read at most.")] = None,
    out: Results = None,
    which: Which = "best",
    device: Device = "cpu",
    overwrite: ReplaceFile = False,
) -> None:
    """Does a word know its motion? Antonyms, swaps of one word, grounding where the truth is known, disentanglement."""
    from mate_hf.evaluation.words.run_words import evaluate_words as run_evaluation

    results = run_evaluation(run, data, split, truth, base, limit, out, which, device, sys.argv, overwrite)
    shown.words(results["metrics"], console)


@evaluate_app.command("obedience")
@handle_errors
def evaluate_obedience(
    model: Annotated[
        str,
        typer.Argument(
            help="Run of `mate train-generator` or `mate train-masked`, pipeline folder, or Hub id."
        ),
    ],
    prompts: Annotated[
        str,
        typer.Option(
            help="built-in, for the corpus of `mate prepare --synthetic`; or a .jsonl or .yaml of prompts."
        ),
    ] = "built-in",
    out: Results = None,
    per_prompt: Annotated[int, typer.Option(help="Motions of each prompt.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the noise, the same for every generator.")] = 0,
    steps: Steps = 10,
    guidance: Guidance = 1.5,
    solver: Solver = None,
    which: Which = "best",
    device: Device = "cpu",
    text_encoder: MovedEncoder = None,
    any_encoder: AnyEncoder = False,
    overwrite: ReplaceFile = False,
) -> None:
    """Do a generator's bodies obey? Kinematic probes by seen words, new combinations and unseen words."""
    from mate_hf.evaluation.obedience.run_generator import obedience_of_generator

    results = obedience_of_generator(
        *(model, prompts, out, per_prompt, seed, steps, guidance, solver, which, device),
        *(text_encoder, any_encoder, sys.argv, overwrite),
    )
    shown.obedience(results, console)


@app.command("compare-obedience")
@handle_errors
def compare_obedience(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="R.json...", help="Of `mate evaluate obedience`; the first is held against."),
    ],
    out: Results = None,
    overwrite: ReplaceFile = False,
) -> None:
    """Generators side by side: percent obeyed, and how far each is from the first, prompt by prompt, with 95 % intervals."""
    from mate_hf.evaluation.obedience.run_compare import compare_obedience as run_comparison

    shown.compared_obedience(run_comparison(results, out, sys.argv, overwrite), console)


@evaluate_app.command("generation")
@handle_errors
def evaluate_generation(
    real: Annotated[Path, typer.Option(help="Folder of real motions (.npy, features or joints).")],
    generated: Annotated[
        Path,
        typer.Option(help="Folder of generated motions of the same ids; or of folders, one per generation."),
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
        Path | None, typer.Option(help="Split list, one id per line; by default every real motion.")
    ] = None,
    multimodality: Annotated[
        Path | None,
        typer.Option(help="Folder with one folder per caption, each of 11 or more motions made from it."),
    ] = None,
    diversity_pairs: Annotated[int, typer.Option(min=1, help="Pairs of Diversity; the field's 300.")] = 300,
    glove: Glove = None,
    seed: Annotated[int, typer.Option(help="Fixes what is drawn.")] = 0,
    out: Results = None,
    which: Which = "best",
    device: Device = "cpu",
    scale: Scale = None,
    up: Up = None,
    fps: Fps = None,
    left_handed: LeftHanded = False,
    overwrite: ReplaceFile = False,
) -> None:
    """R-Precision, MM-Dist, FID, Diversity and MultiModality of any model's motions, with 95 % intervals."""
    from mate_hf.evaluation.generation.run_generation import evaluate_generation as run_evaluation

    results = run_evaluation(
        real,
        generated,
        texts,
        evaluator,
        repeats,
        protocol,
        ids,
        multimodality,
        diversity_pairs,
        glove,
        seed,
        out,
        which,
        device,
        sys.argv,
        scale,
        up,
        fps,
        left_handed,
        overwrite,
    )
    shown.generation(results, console)


@app.command()
@handle_errors
def ablate(
    plan: Annotated[Path, typer.Argument(help="YAML: config, options, corpora, arms, seeds, tables.")],
    out: Annotated[Path, typer.Option(help="Folder of the runs and of results.md.")],
    only: Annotated[list[str] | None, typer.Option(help="An arm to run; may be given again.")] = None,
) -> None:
    """Train and evaluate every arm of a plan with every seed, and write the tables; what is done is skipped."""
    from mate_hf.ablations import ablate as run

    console.print(run(plan, out, only, console))
