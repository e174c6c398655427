"""The retrieval model's objective: reconstruction from both latents, KL, latent distance, filtered InfoNCE."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.modeling.modeling_tmr import Gaussian, TMRModel
from mate_hf.objectives.global_batch import GlobalBatch
from mate_hf.objectives.losses import contrastive, same_group
from mate_hf.retrieval.tmr_losses import divergence, similar_captions, smooth_reconstruction, standard_normal
from mate_hf.utils.distributed import row_counts
from mate_hf.utils.settings import option


@dataclass
class RetrievalObjectiveArguments:
    """Weights and readings of TMR's losses; the presets set those in which TMR, OpenTMA and ATM differ."""

    rec_weight: float = option(
        1.0, "Weight of SmoothL1 reconstruction, from the text's and the motion's latent.", least=0
    )
    kl_weight: float = option(1e-5, "Weight of the KL divergences.", least=0)
    kl_to_normal: bool = option(
        True, "KL of text and motion to N(0,1) too, beside those to each other (TMR; not OpenTMA)."
    )
    latent_weight: float = option(1e-5, "Weight of SmoothL1 between the two latents (ATM's L_E).", least=0)
    nce_weight: float = option(0.1, "Weight of InfoNCE.", least=0)
    temperature: float = option(0.1, "Temperature of InfoNCE.", above=0)
    nce_on: str = option(
        "samples",
        "What InfoNCE compares: drawn latents (TMR) or their means (OpenTMA).",
        ("samples", "means"),
    )
    filter_threshold: float = option(
        0.6,
        "Captions whose sentence features have a higher cosine are not negatives of one another.",
        least=-1,
        most=1,
    )
    guard_captions: bool = option(True, "Equal captions are never negatives of one another.")

    def combine(self, parts: dict[str, Tensor]) -> Tensor:
        """The weighted sum."""
        return (
            self.rec_weight * parts["rec"]
            + self.kl_weight * parts["kl"]
            + self.latent_weight * parts["latent"]
            + self.nce_weight * parts["nce"]
        )


class RetrievalObjective(GlobalBatch):
    """Runs the model on a batch and compares; in training InfoNCE sees the batch of all processes, with gradient.

    In evaluation latents are means, so that the same model always gives the same losses.
    """

    def __init__(self, model: TMRModel, settings: RetrievalObjectiveArguments) -> None:
        super().__init__()
        self.model = model
        self.settings = settings

    def forward(
        self,
        motion: Tensor,
        mask: Tensor,
        length: Tensor,
        text: Tensor,
        text_mask: Tensor,
        sentence: Tensor,
        caption_id: Tensor,
    ) -> dict[str, Tensor]:
        """One batch of captioned motions -> named losses `rec`, `kl`, `latent`, `nce`, and `loss`, their weighted sum.

        Args:
            motion: raw features (B,T,F); mask: (B,T), True on real frames; length: (B,).
            text: token features (B,S,W) of the frozen text encoder; text_mask: (B,S), True on real tokens.
            sentence: (B,D), a frozen sentence encoder's features, for the filter of negatives.
            caption_id: (B,), equal where captions are equal.
        """
        model = self.model
        target = model.normalise(motion, mask)
        texts, motions = model.encode_text(text, text_mask), model.encode_motion(motion, mask)
        text_latent = texts.sample() if self.training else texts.mean
        motion_latent = motions.sample() if self.training else motions.mean
        rebuilt = [model.decode(latent, mask) for latent in (text_latent, motion_latent)]
        # Losses in float32 whatever the networks ran in.
        with torch.autocast(motion.device.type, enabled=False):
            rows, frames = self.share(length.new_tensor(len(length))), self.share(mask.sum())
            parts = {
                "rec": frames * self._reconstruction(rebuilt, target, mask),
                "kl": rows * self._divergences(texts.float(), motions.float()),
                "latent": rows * F.smooth_l1_loss(text_latent.float(), motion_latent.float()),
                "nce": self._contrast(texts, motions, text_latent, motion_latent, sentence, caption_id),
            }
            parts["loss"] = self.settings.combine(parts)
        return parts

    def _divergences(self, texts: Gaussian, motions: Gaussian) -> Tensor:
        between = divergence(texts, motions) + divergence(motions, texts)
        if not self.settings.kl_to_normal:
            return between
        normal = standard_normal(texts)
        return between + divergence(motions, normal) + divergence(texts, normal)

    def _contrast(
        self,
        texts: Gaussian,
        motions: Gaussian,
        text_latent: Tensor,
        motion_latent: Tensor,
        sentence: Tensor,
        caption_id: Tensor,
    ) -> Tensor:
        settings = self.settings
        pair = (text_latent, motion_latent) if settings.nce_on == "samples" else (texts.mean, motions.mean)
        # Segments leave processes with different numbers of pairs.
        counts = row_counts(sentence) if self.gathers else None
        text, motion, sentence, caption_id = (
            self.whole(rows, counts)
            for rows in (pair[0].float(), pair[1].float(), sentence.float(), caption_id)
        )
        excluded = similar_captions(sentence, settings.filter_threshold)
        if settings.guard_captions:
            same = same_group(caption_id)
            assert same is not None
            excluded = excluded | same
        return contrastive(text, motion, excluded, settings.temperature)

    def _reconstruction(self, rebuilt: list[Tensor], target: Tensor, mask: Tensor) -> Tensor:
        from_text, from_motion = [smooth_reconstruction(one.float(), target, mask) for one in rebuilt]
        return from_text + from_motion
