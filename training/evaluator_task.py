"""The evaluator as the loop trains it: captions as tagged words, pairs and negatives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from torch import Tensor

from mate_hf.guo_evaluator import Token, WordVectors, field_tokens, save_evaluator
from mate_hf.guo_evaluator.evaluator_objective import EvaluatorObjective
from mate_hf.guo_evaluator.tags import TAGS
from mate_hf.guo_evaluator.worded_motions import WordedMotionCollator, WordedMotions
from mate_hf.modeling.configuration_evaluator import EvaluatorConfig
from mate_hf.modeling.modeling_evaluator import EvaluatorModel
from mate_hf.retrieval.metrics import distance_similarity
from mate_hf.text.encoders import open_text_encoder
from mate_hf.training.evaluator_arguments import EvaluatorArguments, EvaluatorDataArguments
from mate_hf.training.retrieving_task import RetrievingTask


class EvaluatorTask(RetrievingTask):
    """Tag the captions, build model and batches."""

    similarity = staticmethod(distance_similarity)

    model: EvaluatorModel

    def __init__(self, arguments: EvaluatorArguments, accelerator: Accelerator) -> None:
        data, seed = arguments.data, arguments.run.seed
        super().__init__(data, arguments.run, accelerator)
        self.arguments = arguments
        train = self.train
        tokens = tagged_captions(
            {caption for split in self.corpus.splits.values() for caption in split["caption"]}
        )
        self.vectors = word_vectors(
            data, (token.word for caption in train["caption"] for token in tokens[caption])
        )
        self.set_batches(
            train,
            WordedMotions(train, tokens, seed),
            lambda split: WordedMotions(split, tokens, seed),
            WordedMotionCollator(self.vectors),
        )
        self.model = build_model(arguments, self.vectors, self.corpus.kind.width, self.corpus.kind.fps)
        self.model.set_statistics(self.corpus.mean, self.corpus.std)
        self.objective = EvaluatorObjective(self.model, arguments.objective)

    def features(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        found: tuple[Tensor, Tensor] = self.model(
            batch["motion"], batch["length"], batch["words"], batch["tags"], batch["text_length"]
        )
        return found

    def save(self, folder: Path) -> None:
        save_evaluator(self.model, self.vectors, folder)

    def describe(self) -> Sequence[str]:
        source = self.arguments.data.glove or self.arguments.data.word_encoder
        return [self.introduction(f"{len(self.vectors.words)} word vectors of {source}")]


def tagged_captions(captions: set[str]) -> dict[str, list[Token]]:
    """Each caption's tokens as the field has them."""
    ordered = sorted(captions)
    return dict(zip(ordered, field_tokens(ordered), strict=True))


def word_vectors(data: EvaluatorDataArguments, words: Any) -> WordVectors:
    """The GloVe folder's, or those that a text encoder has for the training captions' words."""
    if data.glove is not None:
        return WordVectors.from_glove(Path(data.glove))
    assert data.word_encoder is not None
    encoder = open_text_encoder(data.word_encoder, data.word_encoder_revision)
    return WordVectors.from_encoder(encoder, sorted(set(words)))


def build_model(
    arguments: EvaluatorArguments, vectors: WordVectors, width: int, fps: float
) -> EvaluatorModel:
    """An `EvaluatorModel` at random weights for these words and this kind of motion."""
    sizes = arguments.model
    config = EvaluatorConfig(
        motion_width=width,
        motion_fps=fps,
        movement_width=sizes.movement_width,
        motion_hidden=sizes.motion_hidden,
        text_hidden=sizes.text_hidden,
        feature_width=sizes.feature_width,
        word_width=vectors.width,
        tag_width=len(TAGS),
    )
    return EvaluatorModel(config)
