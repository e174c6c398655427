"""Every knob of `train_retrieval.py`, with its help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mate_hf.retrieval.retrieval_objective import RetrievalObjectiveArguments
from mate_hf.training import configs
from mate_hf.training.parsing import Arguments, parse, take_preset, yaml_flags
from mate_hf.training.run_arguments import FrozenTextArguments, RunArguments
from mate_hf.utils.settings import option, require_divisible

PRESETS = ("tmr", "opentma", "atm")
"""Files retrieval_NAME.yaml beside the other configurations: flags and --config override them."""


@dataclass
class RetrievalDataArguments(FrozenTextArguments):
    """What is read."""

    batch_size: int = option(
        32,
        "Captioned motions a step over all processes: the batch in which InfoNCE finds its negatives. It must be a "
        "multiple of the number of processes.",
        least=2,
    )
    segment_share: float = option(
        0.0,
        "On a localized Dataset: how often a caption of several sub-texts gives these, each with its segment, in place "
        "of the whole. A second round trained so cuts more sharply; the published models have none.",
        least=0,
        most=1,
    )


@dataclass
class RetrievalModelArguments:
    """What is built; defaults are TMR's."""

    text_encoder: str = option(
        "distilbert/distilbert-base-uncased", "Frozen encoder whose token features are the text input."
    )
    text_encoder_revision: str | None = option(None, "Revision of a Hub text encoder.")
    sentence_encoder: str = option(
        "sentence-transformers/all-mpnet-base-v2",
        "Frozen encoder that tells captions too alike to be negatives.",
    )
    sentence_encoder_revision: str | None = option(None, "Revision of a Hub sentence encoder.")
    init_from: str | None = option(
        None,
        "Run of train_retrieval.py, or a converted checkpoint, to start from; it sets text encoder and sizes.",
    )
    text_relu: bool = option(False, "ReLU on the token features before their projection (OpenTMA).")
    latent_size: int = option(256, "Width of the latent space.", least=2)
    layers: int = option(6, "Layers of the two encoders and of the decoder.", least=1, most=500)
    heads: int = option(4, "Heads of the two encoders and of the decoder.", least=1)
    feedforward: int = option(1024, "Feed-forward width of the two encoders and of the decoder.", least=1)
    dropout: float = option(0.1, "Dropout of the two encoders and of the decoder.", least=0, below=1)

    def __post_init__(self) -> None:
        if self.heads > 0:
            require_divisible(("latent_size", self.latent_size), ("heads", self.heads))


@dataclass
class RetrievalRunArguments(RunArguments):
    """How it is trained."""

    epochs: int = option(500, "Passes over the clips of the training split.", least=1)


@dataclass
class RetrievalArguments(Arguments):
    """All of them."""

    data: RetrievalDataArguments
    model: RetrievalModelArguments
    objective: RetrievalObjectiveArguments
    run: RetrievalRunArguments


def parse_arguments(argv: Sequence[str] | None = None) -> RetrievalArguments:
    """Flags over YAML over the preset over defaults.

    Raises:
        MateError: an unknown preset or YAML key, a file that is not a mapping, `data` or `output_dir` missing.
        SystemExit(2): wrong usage of the flags.
    """
    parts = RetrievalArguments.parts()
    name, flags = take_preset(
        parts, argv, PRESETS, "Settings of a published model; --config and flags override them."
    )
    return RetrievalArguments(*parse(parts, flags, [] if name is None else preset(name)))


def preset(name: str) -> list[str]:
    """The flags of a published model's settings."""
    return yaml_flags(Path(configs.__file__).parent / f"retrieval_{name}.yaml", RetrievalArguments.parts())
