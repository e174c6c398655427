"""Every knob of `train_vq.py`, with its help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mate_hf.data.kinds import CROP_UNIT
from mate_hf.objectives.reconstruction import ReconstructionArguments
from mate_hf.training.alignment_arguments import AlignmentArguments
from mate_hf.training.parsing import Arguments, parse
from mate_hf.training.run_arguments import DataArguments, RunArguments
from mate_hf.utils.settings import option


@dataclass
class VQDataArguments(DataArguments):
    """What is read."""

    batch_size: int = option(
        256,
        "Motions a step over all processes. It must be a multiple of the number of processes.",
        least=2,
    )
    window: int | None = option(
        None,
        "Frames of each motion that are learned at a time, from a random one on (MoMask: 64); by default all, as the field crops them. "
        "Validation sees all.",
        least=CROP_UNIT,
    )


@dataclass
class VQModelArguments:
    """What is built; defaults are MoMask's sizes, `--config quickstart_vq` about 1.4 M parameters."""

    hidden_size: int = option(512, "Channels of the convolutions.", least=1)
    code_size: int = option(512, "Width of latents and codes.", least=1)
    halvings: int = option(
        2, "How often the frame rate is halved: 2 make a latent of four frames.", least=1, most=8
    )
    depth: int = option(3, "Residual blocks a halving.", least=1, most=16)
    dilation: int = option(3, "By which factor their dilation grows.", least=1, most=16)
    levels: int = option(6, "Levels of residual quantization.", least=1)
    codes: int = option(512, "Codes of each level.", least=2)
    code_decay: float = option(0.99, "Decay of the codebooks' running means.", least=0, below=1)
    level_dropout: float = option(
        0.2,
        "How often a batch uses only the first few levels, so that these learn to do alone.",
        least=0,
        below=1,
    )


@dataclass
class VQRunArguments(RunArguments):
    """How it is trained."""

    epochs: int = option(1000, "Passes over the clips of the training split.", least=1)
    lr: float = option(2e-4, "Learning rate.", least=0)
    weight_decay: float = option(0.0, "AdamW's weight decay.", least=0)
    adam_beta2: float = option(
        0.99,
        "AdamW's memory of squared gradients; less lets a short run take larger steps.",
        above=0,
        below=1,
    )
    best_metric: str = option("loss", "Validation metric that `best/` follows.", ("loss",))


@dataclass
class VQArguments(Arguments):
    """All of them."""

    data: VQDataArguments
    model: VQModelArguments
    objective: ReconstructionArguments
    alignment: AlignmentArguments
    run: VQRunArguments


def parse_arguments(argv: Sequence[str] | None = None) -> VQArguments:
    """Flags over YAML over defaults; see `parse`."""
    return VQArguments(*parse(VQArguments.parts(), argv))
