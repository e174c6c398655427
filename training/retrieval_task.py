"""The retrieval model as the loop trains it: captioned motions, cached text features, TMR's losses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from accelerate import Accelerator
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.retrieval.caption_pairs import Pairs, collate_pairs, paired_texts, require_segments
from mate_hf.retrieval.retrieval_objective import RetrievalObjective
from mate_hf.retrieval.retriever import open_retrieval_model, save_retrieval_model
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.text_features import TextFeatures
from mate_hf.training.frozen_text import frozen_text_features
from mate_hf.training.retrieval_arguments import RetrievalArguments
from mate_hf.training.retrieving_task import RetrievingTask


class RetrievalTask(RetrievingTask):
    """Cache the text features (main process first), build model and batches."""

    model: TMRModel

    def __init__(self, arguments: RetrievalArguments, accelerator: Accelerator) -> None:
        super().__init__(arguments.data, arguments.run, accelerator)
        self.arguments = arguments
        data, seed, names = arguments.data, arguments.run.seed, arguments.model
        train = self.train
        require_segments(train, data.segment_share, data.data)
        start = None if names.init_from is None else open_retrieval_model(names.init_from)
        if start is not None:
            names.text_encoder, names.text_encoder_revision = (
                start.config.text_encoder,
                start.config.text_revision,
            )
        self.encoder = open_text_encoder(names.text_encoder, names.text_encoder_revision)
        features = self._text_features(accelerator)
        self.set_batches(
            train,
            Pairs(train, features, seed, data.segment_share),
            lambda split: Pairs(split, features, seed),
            collate_pairs,
        )
        self.model = start or build_model(
            arguments, self.encoder, self.corpus.kind.width, self.corpus.kind.fps
        )
        if self.model.config.motion_width != self.corpus.kind.width:
            raise MateError(
                f"init_from {names.init_from}: reads {self.model.config.motion_width} features a frame; the corpus has "
                f"{self.corpus.kind.width} ({self.corpus.kind.name})."
            )
        self.model.set_statistics(self.corpus.mean, self.corpus.std)
        self.objective = RetrievalObjective(self.model, arguments.objective)

    def _text_features(self, accelerator: Accelerator) -> TextFeatures:
        data, names = self.arguments.data, self.arguments.model
        captions = [
            text
            for name, split in self.corpus.splits.items()
            for text in paired_texts(split, with_sub_texts=name == "train" and data.segment_share > 0)
        ]
        sentences = open_text_encoder(names.sentence_encoder, names.sentence_encoder_revision)
        return frozen_text_features(
            captions, self.encoder, sentences, accelerator, data.text_cache, data.text_cache_dtype
        )

    def features(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        text = self.model.encode_text(batch["text"], batch["text_mask"])
        return text.mean, self.model.encode_motion(batch["motion"], batch["mask"]).mean

    def save(self, folder: Path) -> None:
        save_retrieval_model(self.model, folder)

    def describe(self) -> Sequence[str]:
        return [self.introduction(f"token features of {self.encoder.name}")]


def build_model(arguments: RetrievalArguments, encoder: TextEncoder, width: int, fps: float) -> TMRModel:
    """A `TMRModel` at random weights for this encoder and kind of motion."""
    sizes = arguments.model
    config = TMRConfig(
        text_encoder=sizes.text_encoder,
        text_revision=sizes.text_encoder_revision,
        text_width=encoder.model.config.hidden_size,
        text_relu=sizes.text_relu,
        motion_width=width,
        motion_fps=fps,
        latent_size=sizes.latent_size,
        layers=sizes.layers,
        heads=sizes.heads,
        feedforward=sizes.feedforward,
        dropout=sizes.dropout,
    )
    return TMRModel(config)
