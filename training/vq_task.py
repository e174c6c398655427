"""The VQ-VAE as the loop trains it: motions, with captions only to align reconstructions with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor

from mate_hf.data.captioned_motions import CaptionedMotions, collate_captioned
from mate_hf.modeling.configuration_vq import VQConfig
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.objectives.code_use import code_use
from mate_hf.objectives.reconstruction import ReconstructionObjective
from mate_hf.training.aligned_task import AlignedTask
from mate_hf.training.captioned_alignment import open_alignment
from mate_hf.training.validation import Batch, mean_losses
from mate_hf.training.vq_arguments import VQArguments
from mate_hf.utils.files import written_whole


class VQTask(AlignedTask):
    """Build model and batches; read the captions where reconstructions are aligned with them."""

    model: VQModel

    def __init__(self, arguments: VQArguments, accelerator: Accelerator) -> None:
        super().__init__(arguments.data, arguments.run, accelerator)
        train, seed, kind = self.train, arguments.run.seed, self.corpus.kind
        self.set_batches(
            train,
            CaptionedMotions(train, seed, arguments.data.window),
            lambda split: CaptionedMotions(split, seed),
            collate_captioned,
        )
        config = VQConfig(motion_width=kind.width, motion_fps=kind.fps, **asdict(arguments.model))
        self.model = VQModel(config)
        self.model.set_statistics(self.corpus.mean, self.corpus.std)
        self.alignment_settings = arguments.alignment
        self.alignment = open_alignment(
            arguments.alignment, self.corpus, train["caption"], accelerator.device
        )
        self.objective = ReconstructionObjective(self.model, arguments.objective, kind, self.alignment)

    def validate(self, device: torch.device) -> dict[str, float]:
        """Mean losses, errors in cm, and how much of each codebook the split uses."""
        assert self.validation is not None
        codes: list[Tensor] = []

        def look(batch: Batch) -> None:
            motion = self.model.normalise(batch["motion"], batch["mask"])
            codes.append(self.model.encode(motion, batch["mask"]).flatten(0, 1))

        losses = mean_losses(self.objective, self.validation, device, look)
        return losses | code_use(torch.cat(codes), self.model.config.codes)

    def tell(self, values: dict[str, float]) -> str:
        levels = range(1, self.model.config.levels + 1)
        used = sum(values[f"used_{level}"] for level in levels) / len(levels)
        return (
            f"{super().tell(values)}  joints off by {values['joint_error_cm']:.1f} cm, {values['body_error_cm']:.1f} seen from the root  "
            f"{used:.0%} of the codes used"
        )

    def save(self, folder: Path) -> None:
        with written_whole(folder) as fresh:
            self.model.save_pretrained(fresh)

    def describe(self) -> Sequence[str]:
        config = self.model.config
        return [
            self.introduction(
                f"{config.levels} levels of {config.codes} codes, one for {config.patch} frames"
            ),
            *self.alignment_said(),
        ]
