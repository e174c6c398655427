"""Every knob of `train_evaluator.py`, with its help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mate_hf.errors import MateError
from mate_hf.guo_evaluator.evaluator_objective import EvaluatorObjectiveArguments
from mate_hf.training.parsing import Arguments, parse
from mate_hf.training.run_arguments import DataArguments, RunArguments
from mate_hf.utils.settings import option


@dataclass
class EvaluatorDataArguments(DataArguments):
    """What is read."""

    batch_size: int = option(
        32,
        "Captioned motions a step over all processes. It must be a multiple of the number of processes.",
        least=2,
    )
    glove: str | None = option(
        None, "The field's folder of word vectors: our_vab_data.npy, _words.pkl, _idx.pkl."
    )
    word_encoder: str | None = option(
        None,
        "In place of --glove: a text encoder whose word embeddings serve (Hub id, folder, or package:NAME).",
    )
    word_encoder_revision: str | None = option(None, "Revision of a Hub encoder.")


@dataclass
class EvaluatorModelArguments:
    """What is built; sizes are the field's."""

    movement_width: int = option(
        512, "Width of the convolutions, which turn 4 frames into one movement.", least=1
    )
    motion_hidden: int = option(1024, "Width of the motion GRU.", least=1)
    text_hidden: int = option(512, "Width of the text GRU.", least=1)
    feature_width: int = option(512, "Width of the shared space.", least=1)


@dataclass
class EvaluatorRunArguments(RunArguments):
    """How it is trained: as in the field, but for the movement encoder, which there is trained before and then frozen."""

    epochs: int = option(300, "Passes over the clips of the training split.", least=1)
    weight_decay: float = option(0.0, "AdamW's weight decay; the field's Adam has none.", least=0)
    max_grad_norm: float | None = option(0.5, "Clip the gradient norm to this.", above=0)


@dataclass
class EvaluatorArguments(Arguments):
    """All of them."""

    data: EvaluatorDataArguments
    model: EvaluatorModelArguments
    objective: EvaluatorObjectiveArguments
    run: EvaluatorRunArguments


def parse_arguments(argv: Sequence[str] | None = None) -> EvaluatorArguments:
    """Flags over YAML over defaults; see `parse`.

    Raises:
        MateError: also where not exactly one of `glove` and `word_encoder` is set.
    """
    arguments = EvaluatorArguments(*parse(EvaluatorArguments.parts(), argv))
    if (arguments.data.glove is None) == (arguments.data.word_encoder is None):
        raise MateError(
            "glove, word_encoder: expected one of them. Give the field's --glove folder, or --word_encoder, a text encoder "
            "whose word embeddings serve in its place."
        )
    return arguments
