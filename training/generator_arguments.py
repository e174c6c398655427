"""Every knob of `train_generator.py`, with its help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mate_hf.data.kinds import LONGEST_MOTION
from mate_hf.modeling.configuration_mdm import CONDITIONS, PREDICTIONS
from mate_hf.objectives.denoising import DenoisingArguments
from mate_hf.training.alignment_arguments import AlignmentArguments
from mate_hf.training.parsing import Arguments, parse
from mate_hf.training.run_arguments import FrozenTextArguments, RunArguments
from mate_hf.utils.settings import option, require_divisible, require_even


@dataclass
class GeneratorDataArguments(FrozenTextArguments):
    """What is read."""

    batch_size: int = option(
        64,
        "Captioned motions a step over all processes. It must be a multiple of the number of processes.",
        least=2,
    )
    segment_share: float = option(
        0.0,
        "How often a localized caption of several sub-texts is learned as these, each with its segment, in place of the whole.",
        least=0,
        most=1,
    )
    composed_share: float = option(
        0.0,
        "How often its first sub-text and then one of another caption are learned in place of a localized caption, in one motion out of both "
        "segments.",
        least=0,
        most=1,
    )


@dataclass
class TextArguments:
    """What a generator is told."""

    text_encoder: str = option(
        "openai/clip-vit-base-patch32",
        "Frozen encoder that is read: Hub id, folder (an export, or a stock encoder), or package:NAME.",
    )
    text_encoder_revision: str | None = option(None, "Revision of a Hub text encoder.")
    conditions: str = option(
        "words",
        "What of the encoder is heard: its words, and the sentence with them; or the sentence alone (MATE Table 11 compares).",
        CONDITIONS,
    )


@dataclass
class GeneratorModelArguments(TextArguments):
    """What is built; defaults are the size of MDM's line of models, `--config quickstart_generator` about 2 M parameters."""

    hidden_size: int = option(512, "Width of the transformer.", least=2)
    layers: int = option(8, "Its blocks.", least=1, most=500)
    heads: int = option(8, "Its heads.", least=1)
    feedforward: int = option(2048, "Its feed-forward width.", least=1)
    dropout: float = option(0.1, "Its dropout.", least=0, below=1)
    patch: int = option(4, "Frames that it reads as one token.", least=1, most=LONGEST_MOTION)
    prediction: str = option(
        "x0", "What it learns to say: the motion (x0), v, or the velocity of a straight flow.", PREDICTIONS
    )
    timesteps: int = option(1000, "Noise levels of training.", least=2)

    def __post_init__(self) -> None:
        if self.heads > 0:
            require_divisible(("hidden_size", self.hidden_size), ("heads", self.heads))
        require_even("hidden_size", self.hidden_size)


@dataclass
class GeneratorAlignmentArguments(AlignmentArguments):
    """Whether, and how, the motions that it guesses at are aligned with their captions (ATM)."""

    alignment_most_noise: float = option(
        1.0,
        "Motions noised more, as a share of all timesteps, are not aligned: what is guessed at from noise is no motion yet.",
        least=0,
        most=1,
    )


@dataclass
class GeneratorRunArguments(RunArguments):
    """How it is trained."""

    epochs: int = option(1000, "Passes over the clips of the training split.", least=1)
    lr: float = option(4e-4, "Learning rate.", least=0)
    max_grad_norm: float | None = option(1.0, "Clip the gradient norm to this.", above=0)
    best_metric: str = option("loss", "Validation metric that `best/` follows.", ("loss",))


@dataclass
class GeneratorArguments(Arguments):
    """All of them."""

    data: GeneratorDataArguments
    model: GeneratorModelArguments
    objective: DenoisingArguments
    alignment: GeneratorAlignmentArguments
    run: GeneratorRunArguments


def parse_arguments(argv: Sequence[str] | None = None) -> GeneratorArguments:
    """Flags over YAML over defaults; see `parse`."""
    return GeneratorArguments(*parse(GeneratorArguments.parts(), argv))
