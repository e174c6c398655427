"""Every knob of `train.py`, with its help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from mate_hf.errors import MateError
from mate_hf.modeling.word_attention import PRIOR_FORMS
from mate_hf.objectives.mate import ObjectiveArguments
from mate_hf.objectives.triplets import WORD_SAMPLING
from mate_hf.training.freezing import TRAINABLE
from mate_hf.training.parsing import Arguments, parse, take_preset
from mate_hf.training.row_rates import UPDATES, read_class_rates
from mate_hf.training.run_arguments import DataArguments, RunArguments
from mate_hf.utils.json_files import brief
from mate_hf.utils.settings import option, require_divisible


@dataclass
class MateDataArguments(DataArguments):
    """What is read."""

    word_sampling: str = option(
        "uniform", "How the word of a triplet is drawn from its caption.", WORD_SAMPLING
    )
    words_per_caption: int = option(
        1,
        "Words drawn from each caption a step: 1 is the paper's triplet, n the mean of n of them. The motion is read once "
        "for all.",
        least=1,
        most=64,
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
    first_layers: int = option(
        0,
        "With `trainable: embeddings`, this many of the encoder's first layers learn too (not in the paper).",
        least=0,
    )
    lora_rank: int = option(8, "Rank of the LoRA adapters with `trainable: lora`.", least=1)
    hidden_size: int = option(512, "D, the width of motion features, prototypes and projections.", least=2)
    motion_layers: int = option(6, "Layers of the motion encoder and of the decoder.", least=1, most=500)
    motion_heads: int = option(4, "Heads of the motion encoder and of the decoder.", least=1)
    motion_feedforward: int = option(
        1024, "Feed-forward width of the motion encoder and of the decoder.", least=1
    )
    motion_dropout: float = option(0.1, "Dropout of the motion encoder and of the decoder.", least=0, below=1)
    attention_heads: int = option(8, "Heads of the word attention (Eq. 2).", least=1)
    attention_dropout: float = option(0.1, "Dropout of the word attention.", least=0, below=1)
    context_queries: bool = option(
        False,
        "A word asks the motion with what its caption says around it as well, half of the time in training; for words without "
        "motion of their own, and for the same word said of two actions (not in the paper).",
    )
    prior_strength: float = option(0.1, "lambda of Eq. 3.", least=0)
    prior_form: str = option(
        "keys",
        "How the prior enters: keys, a factor on the keys (Eq. 3); logits, lambda times its logarithm is added to the attention's "
        "logits (not in the paper).",
        PRIOR_FORMS,
    )

    def __post_init__(self) -> None:
        if self.motion_heads > 0 and self.attention_heads > 0:
            require_divisible(("hidden_size", self.hidden_size), ("motion_heads", self.motion_heads))
            require_divisible(("hidden_size", self.hidden_size), ("attention_heads", self.attention_heads))


@dataclass
class MateRunArguments(RunArguments):
    """How it is trained."""

    embedding_lr: float = option(
        1e-5, "Learning rate of the text encoder's trained part (the paper's 1e-5).", least=0
    )
    layers_lr: float | None = option(
        None,
        "Learning rate of what is trained of the text encoder beside its rows; embedding_lr if not given.",
        least=0,
    )
    update: str = option(
        "uniform",
        "How far embedding rows step: uniform; class_balanced, rare words further (Table 14).",
        UPDATES,
    )
    class_rates: str = option(
        "",
        "How far rows step by class of word, as function=0.1,marks=0: function, motion, direction, count, speed, other; marks for "
        "punctuation. 1 where not named, which is the paper's.",
    )
    stock_decay: float = option(
        0.0,
        "Decay of rows toward the values they came with: each step takes its learning rate times this off what they have moved. "
        "0 is the paper's.",
        least=0,
    )

    def __post_init__(self) -> None:
        read_class_rates(self.class_rates)


@dataclass
class TrainArguments(Arguments):
    """All of them."""

    data: MateDataArguments
    model: ModelArguments
    objective: ObjectiveArguments
    run: MateRunArguments


PRESETS = ("paper",)

SIZES = (
    "epochs",
    "hidden_size",
    *(f"motion_{of}" for of in ("layers", "heads", "feedforward", "dropout")),
    *(f"attention_{of}" for of in ("heads", "dropout")),
)
"""What a small corpus may have smaller and still be trained by the paper's equations and rates."""

USERS_OWN = ("text_encoder", "text_encoder_revision", "pooling", "lora_rank", "train_share")
"""What no paper decides: the encoder and the data are the user's."""

RATES = (
    *("epochs", "lr", "embedding_lr", "layers_lr", "weight_decay", "adam_beta2", "max_grad_norm"),
    *("scheduler", "warmup_steps", "update", "class_rates", "stock_decay"),
)
"""Of the run's own options those that the paper sets."""

AS_PRINTED = {"guard_lemmas": False, "guard_captions": False}
"""Where a default is our reading: what the equation says to the letter, which is the paper's as well."""


def unlike_paper(settings: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Of a run's settings those of the method that are not the paper's: name -> (the run's value, the paper's).

    Defaults are the paper's (appendix C), or our reading where it is silent.
    """
    method = (MateDataArguments, ModelArguments, ObjectiveArguments)
    known = {entry.name: entry.default for part in method for entry in fields(part)}
    known |= {entry.name: entry.default for entry in fields(MateRunArguments) if entry.name in RATES}
    ours = {"data", "num_workers", *USERS_OWN}
    return {
        name: (settings[name], value)
        for name, value in known.items()
        if name in settings
        and name not in ours
        and settings[name] not in (value, AS_PRINTED.get(name, value))
    }


def parse_arguments(argv: Sequence[str] | None = None) -> TrainArguments:
    """Flags over YAML over defaults; see `parse`.

    Raises:
        MateError: what `parse` raises; with `--preset paper` an equation or a rate that is not the paper's.
        SystemExit(2): wrong usage of the flags.
    """
    parts = TrainArguments.parts()
    told = "paper: the paper's equations and rates, which are the defaults; refuses a --config or flags that change one. Sizes, dropout and epochs are free."
    preset, flags = take_preset(parts, argv, PRESETS, told)
    arguments = TrainArguments(*parse(parts, flags))
    if preset is not None:
        _require_paper(arguments.flat())
    return arguments


def _require_paper(settings: Mapping[str, Any]) -> None:
    for name, (value, paper) in unlike_paper(settings).items():
        if name not in SIZES:
            raise MateError(
                f"preset paper: {name} is {brief(value)}; the paper's is {brief(paper)}. Leave one of the two out."
            )
