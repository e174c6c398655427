"""Trainings as calls: what the scripts run, and what `mate_hf.train` and its like are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from mate_hf.runs.folder import RunFolder
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.arguments import parse_arguments as parse_mate
from mate_hf.training.evaluator_arguments import EvaluatorArguments
from mate_hf.training.evaluator_arguments import parse_arguments as parse_evaluator
from mate_hf.training.evaluator_task import EvaluatorTask
from mate_hf.training.generator_arguments import GeneratorArguments
from mate_hf.training.generator_arguments import parse_arguments as parse_generator
from mate_hf.training.generator_task import GeneratorTask
from mate_hf.training.loop import Training
from mate_hf.training.masked_arguments import MaskedArguments
from mate_hf.training.masked_arguments import parse_arguments as parse_masked
from mate_hf.training.masked_task import MaskedTask
from mate_hf.training.mate_task import MateTask
from mate_hf.training.parsing import as_flags
from mate_hf.training.retrieval_arguments import RetrievalArguments
from mate_hf.training.retrieval_arguments import parse_arguments as parse_retrieval
from mate_hf.training.retrieval_task import RetrievalTask
from mate_hf.training.task import Task
from mate_hf.training.vq_arguments import VQArguments
from mate_hf.training.vq_arguments import parse_arguments as parse_vq
from mate_hf.training.vq_task import VQTask

READ = (
    *("data", "text_encoder", "sentence_encoder", "word_encoder"),
    *("glove", "init_from", "alignment_module", "alignment_sentence_encoder", "vq"),
)
"""Settings that may name what lies on this machine and is read."""


def train(argv: Sequence[str] | None = None, **settings: Any) -> dict[str, Any]:
    """Train MATE in this process: `train(data="HumanML3D", text_encoder="openai/clip-vit-base-patch32", output_dir="run")`.

    Args:
        argv: flags, in place of `settings`.
        settings: the flags of `mate train --help` by name, `config` (a YAML file of them) among them.

    Returns:
        What `results.json` in the run folder records.

    Raises:
        MateError: a setting that is unknown or out of range, data or encoder that does not open, losses that are not finite.
        SystemExit: an unknown flag.
    """
    arguments = parse_mate(as_flags(settings) if argv is None else argv)
    return _run(partial(MateTask, arguments), arguments)


def train_retrieval(argv: Sequence[str] | None = None, **settings: Any) -> dict[str, Any]:
    """Train the retrieval model in this process; see `train`, with the flags of `mate train-retrieval --help`."""
    arguments = parse_retrieval(as_flags(settings) if argv is None else argv)
    return _run(partial(RetrievalTask, arguments), arguments)


def train_evaluator(argv: Sequence[str] | None = None, **settings: Any) -> dict[str, Any]:
    """Train the field's evaluator in this process; see `train`, with the flags of `mate train-evaluator --help`."""
    arguments = parse_evaluator(as_flags(settings) if argv is None else argv)
    return _run(partial(EvaluatorTask, arguments), arguments)


def train_generator(argv: Sequence[str] | None = None, **settings: Any) -> dict[str, Any]:
    """Train a text-to-motion generator in this process; see `train`, with the flags of `mate train-generator --help`."""
    arguments = parse_generator(as_flags(settings) if argv is None else argv)
    return _run(partial(GeneratorTask, arguments), arguments)


def train_vq(argv: Sequence[str] | None = None, **settings: Any) -> dict[str, Any]:
    """Train a VQ-VAE of motions in this process; see `train`, with the flags of `mate train-vq --help`."""
    arguments = parse_vq(as_flags(settings) if argv is None else argv)
    return _run(partial(VQTask, arguments), arguments)


def train_masked(argv: Sequence[str] | None = None, **settings: Any) -> dict[str, Any]:
    """Train a masked text-to-motion generator in this process; see `train`, with the flags of `mate train-masked --help`."""
    arguments = parse_masked(as_flags(settings) if argv is None else argv)
    return _run(partial(MaskedTask, arguments), arguments)


def _run(
    make_task: Callable[[Accelerator], Task],
    arguments: TrainArguments
    | RetrievalArguments
    | EvaluatorArguments
    | GeneratorArguments
    | VQArguments
    | MaskedArguments,
) -> dict[str, Any]:
    settings = arguments.flat()
    RunFolder(Path(arguments.run.output_dir)).require_apart(settings.get(name) for name in READ)
    return Training(make_task, arguments.run, settings).run()
