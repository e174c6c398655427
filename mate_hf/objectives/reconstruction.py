"""The VQ-VAE's objective: motions through codes and back, and how far bodies are off when they come out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_features import recover
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.objectives.denoising import Aligned
from mate_hf.objectives.global_batch import GlobalBatch
from mate_hf.utils.settings import option

ERRORS = {"l1": F.l1_loss, "smooth_l1": F.smooth_l1_loss, "l2": F.mse_loss}


@dataclass
class ReconstructionArguments:
    """How the VQ-VAE's loss is weighed."""

    reconstruction: str = option(
        "smooth_l1",
        "Error of a reconstructed feature: squared where it is below 1 (MoMask), squared, or absolute (ATM, Eq. 10). Absolute errors are least "
        "at the median: of a channel that rarely moves, as of steps to the side, standing still.",
        tuple(ERRORS),
    )
    root_weight: float = option(
        5.0,
        "Weight of the root's turn, travel and height among all features; their errors add up along the path. The field divides their "
        "standard deviations by 5 (feat_bias).",
        above=0,
    )
    position_weight: float = option(
        0.5, "Weight of the error of joint positions, on top of that of all features.", least=0
    )
    commitment_weight: float = option(0.02, "Weight of how far latents are from their codes.", least=0)

    def channels(self, kind: MotionKind) -> Tensor:
        """The weight of each feature (width,), their mean 1."""
        weights = torch.ones(kind.width)
        weights[: kind.feature_slices["joint_positions"].start] = self.root_weight
        return weights / weights.mean()


class ReconstructionObjective(GlobalBatch):
    """Codes and decodes the motions of a batch.

    Args:
        align: holds reconstructed motions against real ones; only in training.
    """

    channels: Tensor

    def __init__(
        self,
        model: VQModel,
        settings: ReconstructionArguments,
        kind: MotionKind,
        align: Aligned | None = None,
    ) -> None:
        super().__init__()
        self.model, self.settings, self.kind, self.align = model, settings, kind, align
        self.register_buffer("channels", settings.channels(kind), persistent=False)

    def forward(
        self, motion: Tensor, mask: Tensor, caption_id: Tensor | None = None, **unused: Tensor
    ) -> dict[str, Tensor]:
        """One batch of captioned motions -> `loss` and its parts `reconstruction`, `positions` and `commitment`, not weighed.

        In training also what `align` found; in evaluation `joint_error_cm` and `body_error_cm`, see `errors_in_cm`.

        Args:
            motion: raw features (B,T,F); mask: (B,T), True on real frames.
            caption_id: number of the caption (B,), see `caption_number`; for `align`.
        """
        settings, model = self.settings, self.model
        clean = model.normalise(motion, mask)
        found = model(clean, mask)
        with torch.autocast(motion.device.type, enabled=False):
            made = found.motion.float()
            error = ERRORS[settings.reconstruction](made, clean, reduction="none")
            # Where padded, both are zero.
            channels = self.mean(error.sum((0, 1)), mask.sum())
            latents = (found.codes[..., 0] >= 0).sum()
            losses = {
                "reconstruction": (channels * self.channels).mean(),
                "positions": channels[self.kind.feature_slices["joint_positions"]].mean(),
                "commitment": self.mean(found.commitment * latents, latents),
            }
        loss = losses["reconstruction"] + settings.position_weight * losses["positions"]
        losses = {"loss": loss + settings.commitment_weight * losses["commitment"], **losses}
        made = model.denormalise(made) * mask.unsqueeze(-1)
        if not self.training:
            return losses | errors_in_cm(made, motion, mask, self.kind)
        if self.align is None or caption_id is None:
            return losses
        aligned = self.align(made, motion, mask.sum(1), caption_id)
        losses["loss"] = losses["loss"] + aligned.pop("total")
        return losses | aligned


@torch.no_grad()
def errors_in_cm(made: Tensor, real: Tensor, mask: Tensor, kind: MotionKind) -> dict[str, Tensor]:
    """How far joints are off, centimetres: means over joints and frames of a motion, then over motions.

    `joint_error_cm` in the world, where a wrong turn or step is never made good; `body_error_cm` seen from the root, as the field
    measures it (MPJPE).

    Args:
        made, real: raw features (B,T,F). mask: (B,T), True on real frames.
    """
    there = mask.cpu()
    # On the CPU: not every device has float64.
    joints, given = (recover(motion.double().cpu(), kind) for motion in (made, real))
    bodies, real_bodies = (motion - motion[..., :1, :] for motion in (joints, given))
    return {
        name: (_mean_distance(one, other, there) * 100 / kind.metre)
        for name, one, other in (("joint_error_cm", joints, given), ("body_error_cm", bodies, real_bodies))
    }


def _mean_distance(joints: Tensor, others: Tensor, there: Tensor) -> Tensor:
    frames = (joints - others).norm(dim=-1).mean(-1) * there
    return (frames.sum(1) / there.sum(1)).mean()
