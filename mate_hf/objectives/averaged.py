"""What a generator learns is kept as the running mean of its weights."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mate_hf.objectives.global_batch import GlobalBatch
from mate_hf.utils.settings import option


@dataclass
class AveragedArguments:
    """What every generator's objective is told."""

    caption_drop: float = option(
        0.1,
        "How often a motion is learned without its caption, for classifier-free guidance.",
        least=0,
        below=1,
    )
    ema: float = option(
        0.999,
        "Decay of the running mean of the weights, which is what is kept; smaller in the first steps.",
        least=0,
        below=1,
    )


class AveragedObjective(GlobalBatch):
    """An objective that keeps a running mean of its model's weights, and asks that one in evaluation.

    Args:
        ema: decay of the mean; smaller in the first steps.

    Attributes:
        model: what learns.
        average: the running mean of its weights.
    """

    updates: Tensor

    def __init__(self, model: nn.Module, ema: float) -> None:
        super().__init__()
        self.model, self.ema = model, ema
        self.average = deepcopy(model).eval().requires_grad_(False)
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    def train(self, mode: bool = True) -> AveragedObjective:
        """The mean never drops out."""
        super().train(mode)
        self.average.eval()
        return self

    @torch.no_grad()
    def follow(self) -> None:
        """Let the mean follow the weights: after every step."""
        count = int(self.updates)
        decay = min(self.ema, (1 + count) / (10 + count))
        for mean, own in zip(self.average.parameters(), self.model.parameters(), strict=True):
            mean.lerp_(own, 1 - decay)
        self.updates += 1
