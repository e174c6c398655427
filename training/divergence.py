"""What diverges is never kept: losses, weights, codebooks and moments are looked at before anything is written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim import Optimizer

from mate_hf.errors import MateError

Losses = tuple[int, dict[str, Tensor]]
"""A step and the losses of one of its batches."""


class Divergence:
    """Ends a run whose numbers are not finite, with a line that names the step and the term.

    Every process comes to the same end: what is looked at is the same on all, or averaged over them first.

    Args:
        settings: the run's, for the advice.
    """

    def __init__(
        self, accelerator: Accelerator, objective: nn.Module, optimizer: Optimizer, settings: dict[str, Any]
    ) -> None:
        self.accelerator, self.objective, self.optimizer = accelerator, objective, optimizer
        rates = "lr or embedding_lr" if "embedding_lr" in settings else "lr"
        self.advice = f"Lower {rates}, or set max_grad_norm; continue from the last checkpoint, if there is one, with --resume last."

    def mean_losses(self, logged: Sequence[Losses]) -> dict[str, float]:
        """Means over the steps that have a loss and the processes.

        Raises:
            MateError: one is not finite; the first step where one was, and which.
        """
        names = dict.fromkeys(name for _, losses in logged for name in losses)
        means = {
            name: torch.stack([losses[name] for _, losses in logged if name in losses]).mean()
            for name in names
        }
        values = self._over_processes(means)
        if not all(map(math.isfinite, values.values())):
            raise self._of_losses(logged)
        return values

    def _of_losses(self, logged: Sequence[Losses]) -> MateError:
        for step, losses in logged:
            values = self._over_processes(losses)
            broken = [name for name, value in values.items() if not math.isfinite(value)]
            if broken:
                # The sum is as its terms are.
                name = next((term for term in broken if term != "loss"), "loss")
                return self._error(step, f"the loss term {name} is not finite ({values[name]})")
        return self._error(logged[-1][0], "losses are too large to be averaged")

    def _over_processes(self, losses: dict[str, Tensor]) -> dict[str, float]:
        return {name: float(self.accelerator.reduce(loss, "mean")) for name, loss in losses.items()}

    def require_finite_weights(self, step: int) -> None:
        """Losses are those before an update; what it made of weights, codebooks and moments is looked at before they are kept.

        Raises:
            MateError: some are not finite.
        """
        for name, weight in [*self.objective.named_parameters(), *self.objective.named_buffers()]:
            # Buffers are codebooks and statistics; parameters that do not learn need no look.
            kept = weight.requires_grad or not isinstance(weight, nn.Parameter)
            if not kept or not weight.is_floating_point():
                continue
            name = name.removeprefix("model.")
            if not bool(weight.isfinite().all()):
                raise self._error(step, f"weights of {name} are not finite after the update")
            # One whose squared gradients overflowed would never move again, without a word.
            moments = self.optimizer.state.get(weight, {}).values() if weight.requires_grad else ()
            if not all(bool(moment.isfinite().all()) for moment in moments if isinstance(moment, Tensor)):
                raise self._error(step, f"gradients of {name} are too large for AdamW's moments of them")

    def require_finite_metrics(self, step: int, values: dict[str, float]) -> None:
        """Of the validation split.

        Raises:
            MateError: one is not finite.
        """
        for name, value in values.items():
            if not math.isfinite(value):
                raise self._error(step, f"{name} of the validation split is not finite ({value})")

    def _error(self, step: int, what: str) -> MateError:
        return MateError(f"step {step}: {what}; nothing of it was saved. {self.advice}")
