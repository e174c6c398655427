"""L_all (Eq. 8): the five losses on one batch, which every process sees whole."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mate_hf import losses
from mate_hf.distributed import all_padded_rows, all_rows, rank, share_of_mean, total, world_size
from mate_hf.localization import PRIORS, attention_prior, inside_segment
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.settings import option

OBJECTIVES = ("mate", "temos", "tmr", "moclip")


@dataclass
class ObjectiveArguments:
    """Weights and readings of Eq. 3-8. Defaults are the paper's (appendix C); where it is silent, ours."""

    tau: float = option(0.05, "Temperature of L_self, L_align and L_sent.")
    lambda_1: float = option(0.1, "Weight of L_word = L_self + L_cross + L_align (Eq. 8).")
    lambda_2: float = option(0.1, "Weight of L_sent (Eq. 8).")
    rec_weight: float = option(1.0, "Weight of L_rec; 0 removes it (Table 3).")
    self_weight: float = option(1.0, "Weight of L_self within L_word; 0 removes it (Table 3).")
    cross_weight: float = option(1.0, "Weight of L_cross within L_word; 0 removes it (Table 3).")
    align_weight: float = option(1.0, "Weight of L_align within L_word; 0 removes it (Table 3).")
    outside_weight: float = option(
        0.0,
        "Weight within L_word of L_cross within one motion: a word must find nothing of its own in the frames beyond "
        "its segment. Not in the paper; needs a localized corpus.",
    )
    ground_weight: float = option(
        0.0,
        "Weight within L_word of -log of the attention inside the word's segment, read without the prior. Not in the "
        "paper, where the segment is the prior's alone; needs a localized corpus.",
    )
    cross_negatives: int = option(8, "Captions least similar to the word that serve L_cross.")
    guard_lemmas: bool = option(
        True,
        "Batch members with the same lemma are not negatives of one another in L_align, and captions that hold "
        "the lemma never serve L_cross. The paper does not say; false takes its equations as printed.",
    )
    guard_captions: bool = option(True, "Equal captions are not negatives of one another in L_sent.")
    attention_prior: str = option("gaussian", "AttentionPrior of Eq. 4 (Table 6).", PRIORS)
    objective: str = option(
        "mate",
        "mate, or what it is compared with: temos, tmr (Table 12), moclip. These see whole sentences alone and take of the "
        "options above tau (moclip) and guard_captions.",
        OBJECTIVES,
    )
    tether: float = option(
        0.5, "Weight of MoCLIP's tether to the untrained encoder's sentence features (objective: moclip)."
    )

    def combine(self, parts: dict[str, Tensor]) -> Tensor:
        """L_all from the named losses (Eq. 7 and 8)."""
        word = (
            self.self_weight * parts["self"]
            + self.cross_weight * parts["cross"]
            + self.align_weight * parts["align"]
            + self.outside_weight * parts.get("outside", 0.0)
            + self.ground_weight * parts.get("ground", 0.0)
        )
        return self.rec_weight * parts["rec"] + self.lambda_1 * word + self.lambda_2 * parts["sent"]


class MateObjective(nn.Module):
    """Runs the model on a batch and compares. In training the batch is that of all processes together.

    Each process holds its share of the motions and captions. Sentence, word and word-motion features are gathered
    with gradient, so that negatives come from the whole batch; L_cross additionally queries this process's
    motions with every word. Averaged over processes, losses and gradients are those of one process on the whole
    batch.
    """

    def __init__(self, model: MateModel, settings: ObjectiveArguments) -> None:
        super().__init__()
        self.model = model
        self.settings = settings

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        motion: Tensor,
        mask: Tensor,
        length: Tensor,
        word_tokens: Tensor,
        word_mask: Tensor,
        prototype_id: Tensor,
        caption_prototypes: Tensor,
        caption_id: Tensor,
        segment: Tensor,
    ) -> dict[str, Tensor]:
        """One batch of triplets -> named losses `rec`, `self`, `cross`, `align`, `sent`, and `loss`, their sum by Eq. 8.

        Args:
            input_ids, attention_mask: captions (B,S).
            motion: raw features (B,T,F); mask: (B,T), True on real frames; length: (B,).
            word_tokens, word_mask: sub-tokens (B,W) of the word drawn from each caption.
            prototype_id: (B,), the word's prototype.
            caption_prototypes: (B,L), prototypes of all words of the caption, -1 where padded.
            caption_id: (B,), equal where captions are equal.
            segment: (B,2), frames the word speaks of.
        """
        model, settings = self.model, self.settings
        target = model.normalise(motion, mask)
        summary, frames = model.motion_encoder(target, mask)
        text = model.text_feature(input_ids, attention_mask)
        word = model.word_feature(word_tokens, word_mask)

        attend = model.word_attention_layer
        keys, values = attend.project_frames(frames)
        prior = attention_prior(segment, motion.shape[1], settings.attention_prior)
        own = attend(
            word.unsqueeze(1), keys, values, mask, None if prior is None else prior.unsqueeze(1)
        ).squeeze(1)

        whole = self._whole_batch(word, own, text, summary, prototype_id, caption_prototypes, caption_id)
        crossed = attend(whole["word"], keys, values, mask)
        predicted = model.motion_decoder(summary, mask)
        # Losses in float32 whatever the networks ran in: a temperature of 0.05 magnifies bfloat16's rounding.
        with torch.autocast(motion.device.type, enabled=False):
            parts = self._compare(whole, crossed.float(), predicted.float(), target, mask)
            if settings.outside_weight:
                parts["outside"] = self._outside(word, own, keys, values, mask, segment)
            if settings.ground_weight:
                parts["ground"] = self._ground(word, keys, mask, segment)
        parts["loss"] = settings.combine(parts)
        return parts

    def _outside(
        self, word: Tensor, own: Tensor, keys: Tensor, values: Tensor, mask: Tensor, segment: Tensor
    ) -> Tensor:
        beyond = mask & ~inside_segment(segment, mask.shape[1])
        # Words of the whole motion have no frames beyond; a softmax over none is not a number.
        rows = beyond.any(1)
        attend = self.model.word_attention_layer
        found = attend(word[rows].unsqueeze(1), keys[rows], values[rows], beyond[rows]).squeeze(1)
        distances = losses.outside_disentanglement(own[rows].float(), found.float())
        return share_of_mean(distances.sum(), rows.sum(), self._gathers)

    def _ground(self, word: Tensor, keys: Tensor, mask: Tensor, segment: Tensor) -> Tensor:
        inside = mask & inside_segment(segment, mask.shape[1])
        # A segment that is the whole motion asks nothing, nor does one that the crop has cut off.
        rows = inside.any(1) & (mask & ~inside).any(1)
        weights = self.model.word_attention_layer.weights(word[rows].unsqueeze(1), keys[rows], mask[rows])
        distances = losses.attention_inside(weights.squeeze(1).float(), inside[rows])
        return share_of_mean(distances.sum(), rows.sum(), self._gathers)

    def _whole_batch(
        self,
        word: Tensor,
        own: Tensor,
        text: Tensor,
        summary: Tensor,
        prototype_id: Tensor,
        caption_prototypes: Tensor,
        caption_id: Tensor,
    ) -> dict[str, Tensor]:
        local = {"word": word, "own": own, "text": text, "summary": summary}
        local = {name: feature.float() for name, feature in local.items()}
        local |= {"prototype_id": prototype_id, "caption_id": caption_id}
        if not self._gathers:
            return local | {"caption_prototypes": caption_prototypes}
        whole = {name: all_rows(rows) for name, rows in local.items()}
        return whole | {"caption_prototypes": all_padded_rows(caption_prototypes, padding=-1)}

    def _compare(
        self, whole: dict[str, Tensor], crossed: Tensor, predicted: Tensor, target: Tensor, mask: Tensor
    ) -> dict[str, Tensor]:
        settings, prototype_id = self.settings, whole["prototype_id"]
        shares = world_size() if self._gathers else 1
        first = rank() * len(crossed) if self._gathers else 0
        negatives = self._negatives(whole)
        real_frames = mask.sum()
        frame_share = real_frames * shares / (total(real_frames) if self._gathers else real_frames)
        return {
            "rec": losses.reconstruction(predicted, target, mask) * frame_share,
            "self": losses.self_disentanglement(
                whole["own"], self.model.prototypes.weight.float(), prototype_id, settings.tau
            ),
            "cross": losses.cross_disentanglement(whole["own"], crossed, negatives, first) * shares,
            "align": losses.word_alignment(
                whole["word"], whole["own"], prototype_id if settings.guard_lemmas else None, settings.tau
            ),
            "sent": losses.sentence_alignment(
                whole["text"],
                whole["summary"],
                whole["caption_id"] if settings.guard_captions else None,
                settings.tau,
            ),
        }

    def _negatives(self, whole: dict[str, Tensor]) -> Tensor:
        own = torch.eye(len(whole["word"]), dtype=torch.bool, device=whole["word"].device)
        excluded = own
        if self.settings.guard_lemmas:
            holds_lemma = whole["caption_prototypes"].unsqueeze(0) == whole["prototype_id"][:, None, None]
            excluded = own | holds_lemma.any(-1)
        return losses.least_similar_captions(
            whole["word"], whole["text"], excluded, self.settings.cross_negatives
        )

    @property
    def _gathers(self) -> bool:
        # Validation runs on one process alone.
        return self.training and world_size() > 1
