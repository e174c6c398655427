"""What the field's evaluator is trained by: a caption near its own motion, a margin away from another's."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.modeling.modeling_evaluator import EvaluatorModel
from mate_hf.objectives.global_batch import GlobalBatch
from mate_hf.utils.settings import option


@dataclass
class EvaluatorObjectiveArguments:
    """The loss of Guo et al. 2022."""

    margin: float = option(10.0, "Distance beyond which another caption's motion is far enough.", above=0)
    guard_captions: bool = option(True, "Equal captions are not negatives of one another.")


class EvaluatorObjective(GlobalBatch):
    """The contrastive loss of Hadsell et al. 2006: squared distance of pairs, squared lack of margin of negatives.

    Each caption's negative is the motion that lies a random number of places further in the batch. (In the field's code
    that number may be 0, which pushes the batch's own pairs apart; here it never is.)
    """

    def __init__(self, model: EvaluatorModel, settings: EvaluatorObjectiveArguments) -> None:
        super().__init__()
        self.model = model
        self.settings = settings

    def forward(
        self,
        motion: Tensor,
        length: Tensor,
        words: Tensor,
        tags: Tensor,
        text_length: Tensor,
        caption_id: Tensor,
        **unused: Tensor,
    ) -> dict[str, Tensor]:
        """A batch of pairs -> `near`, `far`, and `loss`, their sum.

        Args:
            motion: raw features (B,T,F); length: (B,).
            words, tags, text_length: of `text_inputs`.
            caption_id: (B,), equal where captions are equal.
        """
        text, own = (self.whole(rows) for rows in self.model(motion, length, words, tags, text_length))
        caption_id = self.whole(caption_id)
        batch = len(text)
        shift = int(torch.randint(1, batch, ())) if self.training else 1
        strange = F.pairwise_distance(text, own.roll(-shift, 0))
        lack = (self.settings.margin - strange).clamp(min=0).square()
        if self.settings.guard_captions:
            lack = lack * (caption_id != caption_id.roll(-shift, 0))
        near, far = F.pairwise_distance(text, own).square().mean(), lack.mean()
        return {"near": near, "far": far, "loss": near + far}
