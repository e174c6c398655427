"""What MATE is compared with: the same text encoder tuned by objectives that see whole sentences alone."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.objectives import losses
from mate_hf.objectives.global_batch import GlobalBatch
from mate_hf.objectives.mate import ObjectiveArguments

TMR_CONTRAST = 0.1
"""Weight of InfoNCE in TMR, and its temperature."""
LATENT = 1e-5
"""Weight of the distance between text and motion latents in TEMOS and TMR."""


class SentenceObjective(GlobalBatch):
    """TEMOS's, TMR's (Table 12) or MoCLIP's objective on MATE's networks.

    - `temos`: SmoothL1 of the motion decoded from f^m and from f^t, and of f^t against f^m. Features are those of
      MATE, which are deterministic: its variational terms have nothing to act on and are left out.
    - `tmr`: `temos`, and 0.1 times InfoNCE at temperature 0.1; equal captions are no negatives.
    - `moclip`: InfoNCE, 1 - cos(f^t, f^m), and the tether: squared distance of the sentence feature to the untrained
      encoder's, both of length 1, times `tether`.
    """

    def __init__(self, model: MateModel, settings: ObjectiveArguments) -> None:
        super().__init__()
        self.model = model
        self.settings = settings
        # Distributed training wants a gradient for whatever asks for one.
        for part in self._idle():
            part.requires_grad_(False)
        # In a list, so that it is neither trained nor saved with the model.
        self._teachers: list[nn.Module] = []
        if settings.objective == "moclip":
            self._teachers.append(deepcopy(model.text_encoder).eval().requires_grad_(False))

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        motion: Tensor,
        mask: Tensor,
        caption_id: Tensor,
        **unused: Tensor,
    ) -> dict[str, Tensor]:
        """The batch of `MateObjective.forward`, of which words are not read -> named losses and `loss`."""
        model, settings = self.model, self.settings
        target = model.normalise(motion, mask)
        summary, _ = model.motion_encoder(target, mask)
        sentence = model.sentence_feature(input_ids, attention_mask)
        text = model.sentence_projection(sentence)
        group = self.whole(caption_id) if settings.guard_captions else None
        whole_text, whole_summary = self.whole(text.float()), self.whole(summary.float())
        if settings.objective == "moclip":
            parts = {
                "sent": losses.sentence_alignment(whole_text, whole_summary, group, settings.tau),
                "cosine": 1 - F.cosine_similarity(whole_text, whole_summary).mean(),
                "tether": self._tether(sentence, input_ids, attention_mask),
            }
            loss = parts["sent"] + parts["cosine"] + settings.tether * parts["tether"]
            return parts | {"loss": loss}
        decoder = model.motion_decoder
        parts = {
            "rec": self._reconstruction(decoder(summary, mask), target, mask),
            "rec_text": self._reconstruction(decoder(text, mask), target, mask),
            "latent": F.smooth_l1_loss(whole_text, whole_summary),
        }
        loss = parts["rec"] + parts["rec_text"] + LATENT * parts["latent"]
        if settings.objective == "tmr":
            parts["sent"] = losses.sentence_alignment(whole_text, whole_summary, group, TMR_CONTRAST)
            loss = loss + TMR_CONTRAST * parts["sent"]
        return parts | {"loss": loss}

    def _idle(self) -> list[nn.Module]:
        """The networks that this objective has no use for."""
        model = self.model
        idle: list[nn.Module] = [model.word_projection, model.word_attention_layer, model.prototypes]
        return [*idle, model.motion_decoder] if self.settings.objective == "moclip" else idle

    def _reconstruction(self, predicted: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        error = F.smooth_l1_loss(predicted.float(), target, reduction="none").mean(-1).masked_fill(~mask, 0.0)
        return self.mean(error.sum(), mask.sum())

    @torch.no_grad()
    def _teacher_feature(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        output = self._teachers[0].to(input_ids.device)(input_ids=input_ids, attention_mask=attention_mask)
        feature: Tensor = self.model.family.sentence_feature(
            output, attention_mask, self.model.config.pooling
        )
        return feature

    def _tether(self, sentence: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        taught = self._teacher_feature(input_ids, attention_mask)
        distance = (
            (F.normalize(sentence.float(), dim=-1) - F.normalize(taught.float(), dim=-1)).square().sum(-1)
        )
        return self.whole(distance).mean()
