"""What every generator's training shares: captions as a frozen encoder says them, and a mean of the weights that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from transformers import PreTrainedModel

from mate_hf.data.compositions import Compositions
from mate_hf.data.kinds import LONGEST_MOTION
from mate_hf.modeling.conditioning import TextStatistics
from mate_hf.objectives.averaged import AveragedObjective
from mate_hf.retrieval.caption_pairs import paired_texts, require_segments
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.feature_statistics import feature_statistics
from mate_hf.text.reading_digest import reading_digest
from mate_hf.text.text_features import encoder_digest
from mate_hf.training.frozen_text import frozen_text_features
from mate_hf.training.generator_arguments import GeneratorDataArguments, TextArguments
from mate_hf.training.run_arguments import RunArguments
from mate_hf.training.task import Task
from mate_hf.utils.files import written_whole


class TextToMotionTask(Task):
    """Caches the text features (main process first). A subclass makes batches of them, a model, and its objective.

    Attributes:
        encoder: the frozen text encoder.
        learned: texts that are learned from.
        compositions: what is learned in place of captions now and then; None where nothing is.
        features: of texts that are learned from, and of all other captions.
    """

    model: PreTrainedModel
    objective: AveragedObjective

    def __init__(
        self, data: GeneratorDataArguments, text: TextArguments, run: RunArguments, accelerator: Accelerator
    ) -> None:
        super().__init__(data, run, accelerator)
        self.text = text
        self.encoder = open_text_encoder(text.text_encoder, text.text_encoder_revision)
        train = self.train
        require_segments(train, data.segment_share, data.data)
        require_segments(train, data.composed_share, data.data, "composed_share")
        self.learned = paired_texts(train, with_sub_texts=data.segment_share > 0)
        self.compositions: Compositions | None = None
        if data.composed_share:
            self.compositions = Compositions(train, self.corpus.kind, run.seed, data.composed_share)
            self.learned += self.compositions.texts
        captions = [text for split in self.corpus.splits.values() for text in split["caption"]]
        self.features = frozen_text_features(
            [*self.learned, *captions],
            self.encoder,
            self.encoder,
            accelerator,
            data.text_cache,
            data.text_cache_dtype,
        )

    def standardise(self, model: TextStatistics) -> None:
        """Give a model the statistics of what is learned from."""
        model.set_text_statistics(*feature_statistics(self.features, self.learned))

    def after_step(self) -> None:
        self.objective.follow()

    def save(self, folder: Path) -> None:
        with written_whole(folder) as fresh:
            self.write(fresh)

    def write(self, folder: Path) -> None:
        """Write what is kept."""
        average: Any = self.objective.average
        average.save_pretrained(folder)

    def depends_on(self) -> dict[str, str]:
        config = self.model.config
        read = {"text encoder": str(config.text_digest), "tokenizer": str(config.text_reading_digest)}
        return {**super().depends_on(), **read}

    def describe(self) -> Sequence[str]:
        return [self.introduction(f"words of {self.encoder.name}, which stay as they are")]


def shared_settings(text: TextArguments, encoder: TextEncoder, width: int, fps: float) -> dict[str, Any]:
    """What every generator's configuration says of its encoder and of its motions, of `width` features a frame."""
    name = text.text_encoder
    return {
        # A folder is found from wherever motions are made.
        "text_encoder": str(Path(name).resolve()) if Path(name).is_dir() else name,
        "text_revision": text.text_encoder_revision,
        "text_digest": encoder_digest(encoder),
        "text_reading_digest": reading_digest(encoder),
        "text_width": encoder.model.config.hidden_size,
        "sentence_width": encoder.family.sentence_width(encoder.model.config),
        "conditions": text.conditions,
        "motion_width": width,
        "motion_fps": fps,
        "longest": LONGEST_MOTION,
    }
