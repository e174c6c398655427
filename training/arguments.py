"""Every knob of `train.py`, with its help; a YAML file gives defaults and flags override it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml
from transformers import HfArgumentParser

from mate_hf.data.triplets import WORD_SAMPLING
from mate_hf.errors import MateError
from mate_hf.objective import ObjectiveArguments
from mate_hf.settings import option
from mate_hf.training.freezing import TRAINABLE

PRECISIONS = ("no", "fp16", "bf16")


@dataclass
class DataArguments:
    """What is read."""

    data: str = option("", "A HumanML3D/KIT-ML folder, a prepared Dataset on disk, or a Hub dataset id.")
    word_sampling: str = option(
        "uniform", "How the word of a triplet is drawn from its caption.", WORD_SAMPLING
    )
    batch_size: int = option(
        64,
        "Triplets a step over all processes: the batch in which InfoNCE and L_cross find their negatives. It must be "
        "a multiple of the number of processes.",
    )
    num_workers: int = option(
        1, "Processes that read and collate batches; 0 does it in the training process."
    )


@dataclass
class ModelArguments:
    """What is built; sizes are the paper's (appendix C)."""

    text_encoder: str = option(
        "openai/clip-vit-base-patch32", "Hub id, folder, or package:NAME (an installed package)."
    )
    text_encoder_revision: str | None = option(None, "Revision of a Hub text encoder.")
    pooling: str = option("auto", "Sentence feature of BERT-type encoders.", ("auto", "mean", "first"))
    trainable: str = option("embeddings", "Which part of the text encoder learns (Table 4).", TRAINABLE)
    lora_rank: int = option(8, "Rank of the LoRA adapters with `trainable: lora`.")
    hidden_size: int = option(512, "D, the width of motion features, prototypes and projections.")
    motion_layers: int = option(6, "Layers of the motion encoder and of the decoder.")
    motion_heads: int = option(4, "Heads of the motion encoder and of the decoder.")
    motion_feedforward: int = option(1024, "Feed-forward width of the motion encoder and of the decoder.")
    motion_dropout: float = option(0.1, "Dropout of the motion encoder and of the decoder.")
    attention_heads: int = option(8, "Heads of the word attention (Eq. 2).")
    attention_dropout: float = option(0.1, "Dropout of the word attention.")
    prior_strength: float = option(0.1, "lambda of Eq. 3.")


@dataclass
class RunArguments:
    """How it is trained."""

    output_dir: str = option(
        "", "Run folder: checkpoints/ best/ last/ results.json vocabulary.json config.yaml."
    )
    resume: str | None = option(None, "`last`, or a folder under checkpoints/: continue that run exactly.")
    overwrite: bool = option(
        False, "Remove the run that output_dir holds; without it a new run there is refused."
    )
    epochs: int = option(100, "Passes over the clips of the training split.")
    max_steps: int | None = option(None, "Stop after this many optimizer steps, whatever the epochs.")
    embedding_lr: float = option(1e-5, "Learning rate of the text encoder's trained part (the paper's 1e-5).")
    lr: float = option(1e-4, "Learning rate of everything else (the paper's 1e-4).")
    weight_decay: float = option(
        0.01, "AdamW's weight decay; never on embedding rows, which it would pull to zero."
    )
    scheduler: str = option("constant", "Learning-rate schedule, a name transformers.get_scheduler knows.")
    warmup_steps: int = option(0, "Steps of linear warm-up.")
    max_grad_norm: float | None = option(None, "Clip the gradient norm to this; the paper does not say.")
    gradient_accumulation_steps: int = option(
        1,
        "Batches a step. Negatives are found within one batch: 4 batches of 16 are not a batch of 64 to InfoNCE. To "
        "see more negatives raise batch_size, or add processes.",
    )
    mixed_precision: str = option("no", "Autocast precision; losses stay in float32.", PRECISIONS)
    cpu_threads: int | None = option(
        None,
        "Threads of torch where there is no accelerator. By default this machine's cores, shared among its processes: "
        "`accelerate launch` would leave each process one.",
    )
    seed: int = option(0, "Fixes everything.")
    checkpoint_steps: int | None = option(None, "Steps between checkpoints; by default one an epoch.")
    keep_checkpoints: int = option(
        2, "Checkpoints kept (0: all); older ones are removed once a newer one is whole."
    )
    best_metric: str = option(
        "mean_recall", "Validation metric that `best/` follows.", ("mean_recall", "loss")
    )
    early_stop: int | None = option(None, "Stop after this many epochs without a better validation metric.")
    log_steps: int = option(10, "Steps between log lines and tracker records.")
    report_to: list[str] = field(
        default_factory=list, metadata={"help": "Trackers by name: trackio, tensorboard, wandb."}
    )


ARGUMENTS: tuple[Any, ...] = (DataArguments, ModelArguments, ObjectiveArguments, RunArguments)


@dataclass
class TrainArguments:
    """All of them."""

    data: DataArguments
    model: ModelArguments
    objective: ObjectiveArguments
    run: RunArguments

    def flat(self) -> dict[str, Any]:
        """As one dictionary, the form of the YAML files."""
        parts = (self.data, self.model, self.objective, self.run)
        return {entry.name: getattr(part, entry.name) for part in parts for entry in fields(part)}


def make_parser() -> HfArgumentParser:
    """The command line of `train.py`."""
    parser = HfArgumentParser(list(ARGUMENTS))
    parser.add_argument("--config", help="YAML file whose entries are defaults for the flags below.")
    return parser


def parse_arguments(argv: Sequence[str] | None = None) -> TrainArguments:
    """Flags over YAML over defaults.

    Raises:
        MateError: an unknown YAML key, a file that is not a mapping, `data` or `output_dir` missing.
        SystemExit(2): wrong usage of the flags.
    """
    first = ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--config")
    known, flags = first.parse_known_args(argv)
    defaults = [] if known.config is None else yaml_flags(Path(known.config))
    parser = make_parser()
    *parts, unknown = parser.parse_args_into_dataclasses(
        args=[*defaults, *flags], look_for_args_file=False, return_remaining_strings=True
    )
    if unknown:
        parser.error(f"unknown: {' '.join(unknown)}")
    arguments = TrainArguments(*parts[: len(ARGUMENTS)])
    for name in ("data", "output_dir"):
        if not arguments.flat()[name]:
            raise MateError(f"{name} is not set. Give --{name}, or a line `{name}:` in the YAML file.")
    return arguments


def yaml_flags(path: Path) -> list[str]:
    """A YAML file's entries as flags, each checked against the known names."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MateError(f"config {path} could not be read: {error}") from error
    if not isinstance(content, dict):
        raise MateError(f"config {path}: a {type(content).__name__}; expected lines `name: value`.")
    names = [entry.name for part in ARGUMENTS for entry in fields(part)]
    unknown = [str(name) for name in content if name not in names]
    if unknown:
        raise MateError(
            f"config {path}: unknown key {', '.join(unknown)}. Known keys: {', '.join(sorted(names))}."
        )
    flags: list[str] = []
    for name, value in content.items():
        if value is not None and value != []:
            values = value if isinstance(value, list) else [value]
            flags += [f"--{name}", *map(str, values)]
    return flags
