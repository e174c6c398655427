"""The generator as the loop trains it: captioned motions, cached text features, a noisy motion made clean."""

from __future__ import annotations

from collections.abc import Sequence

from accelerate import Accelerator

from mate_hf.modeling.configuration_mdm import MDMConfig
from mate_hf.modeling.modeling_mdm import MDMModel
from mate_hf.objectives.denoising import DenoisingObjective
from mate_hf.retrieval.caption_pairs import Pairs, collate_pairs
from mate_hf.text.encoders import TextEncoder
from mate_hf.training.aligned_task import AlignedTask
from mate_hf.training.captioned_alignment import open_alignment
from mate_hf.training.generator_arguments import GeneratorArguments, GeneratorModelArguments
from mate_hf.training.text_to_motion_task import TextToMotionTask, shared_settings


class GeneratorTask(AlignedTask, TextToMotionTask):
    """Build model and batches."""

    model: MDMModel
    objective: DenoisingObjective

    def __init__(self, arguments: GeneratorArguments, accelerator: Accelerator) -> None:
        data, seed, sizes = arguments.data, arguments.run.seed, arguments.model
        super().__init__(data, sizes, arguments.run, accelerator)
        self.arguments = arguments
        train, kind = self.train, self.corpus.kind
        self.set_batches(
            train,
            Pairs(train, self.features, seed, data.segment_share, self.compositions),
            lambda split: Pairs(split, self.features, seed),
            collate_pairs,
        )
        self.model = build_model(sizes, self.encoder, kind.width, kind.fps)
        self.model.set_statistics(self.corpus.mean, self.corpus.std)
        self.standardise(self.model)
        self.alignment_settings = settings = arguments.alignment
        self.alignment = open_alignment(settings, self.corpus, self.learned, accelerator.device)
        self.objective = DenoisingObjective(
            self.model, arguments.objective, kind, self.alignment, settings.alignment_most_noise
        )

    def describe(self) -> Sequence[str]:
        said = [*super().describe(), *self.alignment_said()]
        share = self.arguments.data.segment_share
        if self.alignment is None or not share:
            return said
        return [
            *said,
            f"sub-texts on their segments are aligned as captions are ({share:.0%} of what is learned); ATM aligns captions of "
            "whole motions: --segment_share 0.",
        ]


def build_model(sizes: GeneratorModelArguments, encoder: TextEncoder, width: int, fps: float) -> MDMModel:
    """An `MDMModel` at random weights for this encoder and kind of motion."""
    config = MDMConfig(
        **shared_settings(sizes, encoder, width, fps),
        patch=sizes.patch,
        hidden_size=sizes.hidden_size,
        layers=sizes.layers,
        heads=sizes.heads,
        feedforward=sizes.feedforward,
        dropout=sizes.dropout,
        prediction=sizes.prediction,
        timesteps=sizes.timesteps,
    )
    return MDMModel(config)
