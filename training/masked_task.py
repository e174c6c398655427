"""The masked generator as the loop trains it: captioned codes of a frozen VQ-VAE, cached text features, masks filled in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from accelerate import Accelerator

from mate_hf.modeling.configuration_masked import VQ_FOLDER, MaskedConfig
from mate_hf.modeling.modeling_masked import MaskedModel
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.objectives.masked_codes import MaskedObjective
from mate_hf.runs.folder import model_folder
from mate_hf.text.encoders import TextEncoder
from mate_hf.training.coded_pairs import CodedPairs, collate_coded
from mate_hf.training.masked_arguments import MaskedArguments, MaskedModelArguments
from mate_hf.training.text_to_motion_task import TextToMotionTask, shared_settings
from mate_hf.utils.weights import open_whole, weights_digest


class MaskedTask(TextToMotionTask):
    """Code all motions, build model and batches."""

    model: MaskedModel
    objective: MaskedObjective

    def __init__(self, arguments: MaskedArguments, accelerator: Accelerator) -> None:
        data, seed, sizes = arguments.data, arguments.run.seed, arguments.model
        super().__init__(data, sizes, arguments.run, accelerator)
        train = self.train
        self.vq = open_vq(sizes.vq)
        self.corpus.require_width(self.vq.config.motion_width, f"the VQ-VAE {sizes.vq}")
        coder = torch.nn.Module.to(self.vq, accelerator.device)
        self.set_batches(
            train,
            CodedPairs(train, self.features, seed, coder, data.segment_share, self.compositions),
            lambda split: CodedPairs(split, self.features, seed, coder),
            collate_coded,
        )
        torch.nn.Module.to(self.vq, torch.device("cpu"))
        self.model = build_model(sizes, self.encoder, self.vq)
        self.standardise(self.model)
        self.objective = MaskedObjective(self.model, arguments.objective)

    def tell(self, values: dict[str, float]) -> str:
        levels = range(1, self.model.config.levels + 1)
        right = ", ".join(f"{values.get(f'accuracy_{n}', values['base_accuracy']):.0%}" for n in levels)
        return f"{super().tell(values)}  codes guessed right, level by level: {right}"

    def write(self, folder: Path) -> None:
        super().write(folder)
        self.vq.save_pretrained(folder / VQ_FOLDER)

    def depends_on(self) -> dict[str, str]:
        return {**super().depends_on(), "VQ-VAE": str(self.model.config.vq_digest)}

    def describe(self) -> Sequence[str]:
        config = self.model.config
        codes = (
            f"{config.levels} levels of {config.codes} codes, one for {config.patch} frames, of {config.vq}"
        )
        return [*super().describe(), codes]


def build_model(sizes: MaskedModelArguments, encoder: TextEncoder, vq: VQModel) -> MaskedModel:
    """A `MaskedModel` at random weights for this encoder and the codes of this VQ-VAE."""
    coded = vq.config
    config = MaskedConfig(
        **shared_settings(sizes, encoder, coded.motion_width, coded.motion_fps),
        vq=str(Path(sizes.vq).resolve()),
        vq_digest=weights_digest(vq),
        patch=coded.patch,
        codes=coded.codes,
        levels=coded.levels,
        hidden_size=sizes.hidden_size,
        layers=sizes.layers,
        residual_layers=sizes.residual_layers,
        heads=sizes.heads,
        feedforward=sizes.feedforward,
        dropout=sizes.dropout,
    )
    return MaskedModel(config)


def open_vq(run: str) -> VQModel:
    """A run's VQ-VAE, or a model's folder's, for use.

    Raises:
        MateError: none there.
    """
    return open_whole(VQModel, model_folder(run)).eval().requires_grad_(False)
