"""What a run trains, as the loop sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader

from mate_hf.data.batching import ClipBatches
from mate_hf.data.corpus import Corpus

Batches = DataLoader[Any]
"""Yields the dictionaries of tensors that the task's objective takes."""


class Task(ABC):
    """A model with its data and its losses.

    Attributes:
        corpus: what it learns from.
        objective: `objective(**batch)` gives named losses, `loss` among them; it holds the model.
        sampler, batches: the training batches, the same again after `sampler.set_epoch`.
        has_validation: whether the corpus has a usable validation split.
    """

    corpus: Corpus
    objective: nn.Module
    sampler: ClipBatches
    batches: Batches
    has_validation: bool

    @abstractmethod
    def parameter_groups(self) -> list[dict[str, Any]]:
        """AdamW's groups."""

    def configure_optimizer(self, optimizer: Optimizer) -> None:  # noqa: B027, most tasks leave them be
        """Called once, before the first step: hook into the optimizer where steps are to be changed."""

    @abstractmethod
    def validate(self, device: torch.device) -> dict[str, float]:
        """Mean losses and retrieval metrics of the validation split; the objective is left in evaluation mode."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the model as a folder that its `from_pretrained` opens, whole or not at all."""

    def keep_frozen(self) -> None:  # noqa: B027, most tasks freeze nothing
        """Called after `objective.train()`: put back into evaluation mode what must not drop out."""

    def save_beside(self, run: Path) -> None:  # noqa: B027, most tasks have none
        """Files of the run folder other than models."""

    @abstractmethod
    def describe(self) -> Sequence[str]:
        """Lines to say before the first step."""

    def metadata(self) -> dict[str, Any]:
        """What `results.json` records beside the metrics."""
        return {}
