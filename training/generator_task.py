"""The generator as the loop trains it: captioned motions, cached text features, a noisy motion made clean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from accelerate import Accelerator

from mate_hf.data.kinds import LONGEST_MOTION
from mate_hf.modeling.configuration_mdm import MDMConfig
from mate_hf.modeling.modeling_mdm import MDMModel
from mate_hf.objectives.denoising import DenoisingObjective
from mate_hf.retrieval.caption_pairs import Pairs, collate_pairs, paired_texts, require_segments
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.feature_statistics import feature_statistics
from mate_hf.text.reading_digest import reading_digest
from mate_hf.text.text_features import encoder_digest
from mate_hf.training.captioned_alignment import CaptionedAlignment, open_alignment
from mate_hf.training.frozen_text import frozen_text_features
from mate_hf.training.generator_arguments import GeneratorArguments, GeneratorModelArguments
from mate_hf.training.task import Task
from mate_hf.utils.files import written_whole


class GeneratorTask(Task):
    """Cache the text features (main process first), build model and batches."""

    model: MDMModel
    objective: DenoisingObjective
    alignment: CaptionedAlignment | None

    def __init__(self, arguments: GeneratorArguments, accelerator: Accelerator) -> None:
        super().__init__(arguments.data, arguments.run, accelerator)
        self.arguments = arguments
        data, seed, names = arguments.data, arguments.run.seed, arguments.model
        self.encoder = open_text_encoder(names.text_encoder, names.text_encoder_revision)
        train, share = self.corpus.splits["train"], data.segment_share
        require_segments(train, share, data.data)
        learned = paired_texts(train, with_sub_texts=share > 0)
        captions = [*learned, *(text for split in self.corpus.splits.values() for text in split["caption"])]
        features = frozen_text_features(
            captions, self.encoder, self.encoder, accelerator, data.text_cache, data.text_cache_dtype
        )
        self.set_batches(
            train,
            Pairs(train, features, seed, share),
            lambda split: Pairs(split, features, seed),
            collate_pairs,
        )
        kind = self.corpus.kind
        self.model = build_model(names, self.encoder, kind.width, kind.fps)
        self.model.set_statistics(self.corpus.mean, self.corpus.std)
        self.model.set_text_statistics(*feature_statistics(features, learned))
        settings = arguments.alignment
        self.alignment = open_alignment(settings, self.corpus, learned, accelerator.device)
        self.objective = DenoisingObjective(
            self.model, arguments.objective, kind, self.alignment, settings.alignment_most_noise
        )

    def after_step(self) -> None:
        self.objective.follow()

    def save(self, folder: Path) -> None:
        with written_whole(folder) as fresh:
            self.objective.average.save_pretrained(fresh)

    def depends_on(self) -> dict[str, str]:
        config = self.model.config
        read = {"text encoder": str(config.text_digest), "tokenizer": str(config.text_reading_digest)}
        if self.alignment is not None:
            read["alignment module"] = self.alignment.digest
        return {**super().depends_on(), **read}

    def describe(self) -> Sequence[str]:
        return [self.introduction(f"words of {self.encoder.name}, which stay as they are")]


def build_model(sizes: GeneratorModelArguments, encoder: TextEncoder, width: int, fps: float) -> MDMModel:
    """An `MDMModel` at random weights for this encoder and kind of motion."""
    name = sizes.text_encoder
    config = MDMConfig(
        # A folder is found from wherever motions are made.
        text_encoder=str(Path(name).resolve()) if Path(name).is_dir() else name,
        text_revision=sizes.text_encoder_revision,
        text_digest=encoder_digest(encoder),
        text_reading_digest=reading_digest(encoder),
        text_width=encoder.model.config.hidden_size,
        sentence_width=encoder.family.sentence_width(encoder.model.config),
        motion_width=width,
        motion_fps=fps,
        patch=sizes.patch,
        longest=LONGEST_MOTION,
        hidden_size=sizes.hidden_size,
        layers=sizes.layers,
        heads=sizes.heads,
        feedforward=sizes.feedforward,
        dropout=sizes.dropout,
        prediction=sizes.prediction,
        timesteps=sizes.timesteps,
    )
    return MDMModel(config)
