"""Every knob of `train_masked.py`, with its help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mate_hf.errors import MateError
from mate_hf.objectives.masked_codes import MaskedArguments as MaskedObjectiveArguments
from mate_hf.training.generator_arguments import GeneratorDataArguments, TextArguments
from mate_hf.training.parsing import Arguments, parse
from mate_hf.training.run_arguments import RunArguments
from mate_hf.utils.settings import option, require_divisible, require_even


@dataclass
class MaskedModelArguments(TextArguments):
    """What is built; defaults are MoMask's sizes, `--config quickstart_masked` about 2 M parameters."""

    vq: str = option(
        "",
        "The VQ-VAE whose codes are learned: a run of train_vq.py, or its best/ or last/. It stays as it is, and is copied into the run.",
    )
    hidden_size: int = option(384, "Width of both transformers.", least=2)
    layers: int = option(8, "Blocks of the one that says the first level of codes.", least=1, most=500)
    residual_layers: int = option(8, "Blocks of the one that says the further levels.", least=1, most=500)
    heads: int = option(6, "Heads of both.", least=1)
    feedforward: int = option(1024, "Feed-forward width of both.", least=1)
    dropout: float = option(0.2, "Dropout of both.", least=0, below=1)

    def __post_init__(self) -> None:
        if self.heads > 0:
            require_divisible(("hidden_size", self.hidden_size), ("heads", self.heads))
        require_even("hidden_size", self.hidden_size)


@dataclass
class MaskedRunArguments(RunArguments):
    """How it is trained."""

    epochs: int = option(500, "Passes over the clips of the training split.", least=1)
    lr: float = option(2e-4, "Learning rate.", least=0)
    max_grad_norm: float | None = option(1.0, "Clip the gradient norm to this.", above=0)
    best_metric: str = option("loss", "Validation metric that `best/` follows.", ("loss",))


@dataclass
class MaskedArguments(Arguments):
    """All of them."""

    data: GeneratorDataArguments
    model: MaskedModelArguments
    objective: MaskedObjectiveArguments
    run: MaskedRunArguments


def parse_arguments(argv: Sequence[str] | None = None) -> MaskedArguments:
    """Flags over YAML over defaults; see `parse`.

    Raises:
        MateError: no VQ-VAE is named, too.
    """
    found = MaskedArguments(*parse(MaskedArguments.parts(), argv))
    if not found.model.vq:
        raise MateError("vq is not set. Name a run of train_vq.py: --vq RUN.")
    return found
