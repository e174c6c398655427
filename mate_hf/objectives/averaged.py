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
        settings: how often captions are not said, and the decay of the mean.

    Attributes:
        model: what learns.
        average: the running mean of its weights.
    """

    updates: Tensor

    def __init__(self, model: nn.Module, settings: AveragedArguments) -> None:
        super().__init__()
        self.model, self.ema, self.caption_drop = model, settings.ema, settings.caption_drop
        self.average = deepcopy(model).eval().requires_grad_(False)
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    def silence(self, rows: Tensor) -> Tensor:
        """Which of the rows (B,...) are learned without their caption (B,)."""
        first, whole = self.place(rows)
        return (torch.rand(whole)[first : first + len(rows)] < self.caption_drop).to(rows.device)

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
