"""What a run trains, as the loop sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch import nn
from torch.optim import Optimizer
from torch.utils.data import Dataset as TorchDataset

from mate_hf.data.batching import ClipBatches
from mate_hf.data.corpus import first_rows_of_clips
from mate_hf.data.preparation import Prepared, open_prepared
from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.provenance import data_hash
from mate_hf.training.continuing import require_same_source
from mate_hf.training.loaders import Batches, Collate, clip_sampler, training_loader, validation_loader
from mate_hf.training.run_arguments import DataArguments, RunArguments
from mate_hf.training.validation import mean_losses


class Task(ABC):
    """A model with its data and its losses. Of a corpus folder the main process makes a prepared one first.

    A subclass opens what it needs, calls `set_batches`, and sets `objective` with `model` in it.

    Attributes:
        corpus: what it learns from, whole.
        train: the rows of its training split that it learns from.
        objective: `objective(**batch)` gives named losses, `loss` among them; it holds the model.
        sampler, batches: the training batches, the same again after `sampler.set_epoch`.
        validation: batches of the validation split; None where that is of no use.
    """

    model: nn.Module
    objective: nn.Module
    sampler: ClipBatches
    batches: Batches
    validation: Batches | None = None

    def __init__(self, data: DataArguments, run: RunArguments, accelerator: Accelerator) -> None:
        self.data_arguments, self.run_arguments, self.accelerator = data, run, accelerator
        self.prepared = prepared_for_run(
            data.data, RunFolder(Path(run.output_dir)), run.resume is not None, accelerator
        )
        self.corpus = self.prepared.corpus
        self.train = share_of_motions(self.corpus.splits["train"], data.train_share)

    def set_batches(
        self,
        train: Split,
        rows: TorchDataset[Any],
        validation_rows: Callable[[Split], TorchDataset[Any]],
        collate: Collate,
        chosen: Callable[[Split], Sequence[int]] = first_rows_of_clips,
    ) -> None:
        """Batches of `rows`, those of `train`, and of the validation split's `chosen` rows.

        Args:
            validation_rows: the validation split -> its rows, as `rows` are those of `train`.
            chosen: which of these are read, one a clip; fewer than two are of no use.
        """
        data, run, accelerator = self.data_arguments, self.run_arguments, self.accelerator
        self.sampler = clip_sampler(train, data, run, accelerator)
        self.batches = training_loader(rows, self.sampler, collate, data.num_workers, accelerator.device)
        split = self.corpus.splits.get("val")
        if split is not None and len(read := chosen(split)) > 1:
            self.validation = validation_loader(validation_rows(split), read, collate, data.batch_size)

    @property
    def has_validation(self) -> bool:
        """Whether the corpus has a usable validation split."""
        return self.validation is not None

    def validate(self, device: torch.device) -> dict[str, float]:
        """Mean losses of the validation split, and what else it says; the objective is left in evaluation mode."""
        assert self.validation is not None
        return mean_losses(self.objective, self.validation, device)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """AdamW's groups."""
        run = self.run_arguments
        return [{"params": list(self.model.parameters()), "lr": run.lr, "weight_decay": run.weight_decay}]

    def configure_optimizer(self, optimizer: Optimizer) -> None:  # noqa: B027, most tasks leave it be
        """Called once, before the first step: hook into the optimizer where steps are to be changed."""

    def keep_frozen(self) -> None:  # noqa: B027, most tasks freeze nothing
        """Called after `objective.train()`: put back into evaluation mode what must not drop out."""

    def before_step(self, step: int) -> None:  # noqa: B027, most tasks need none
        """What the coming step, counted from 0, is to be told, before each of its batches."""

    def after_step(self) -> None:  # noqa: B027, most tasks do nothing then
        """Called after every optimizer step."""

    def tell(self, values: dict[str, float]) -> str:
        """What validation found, in a line."""
        return f"val loss {values['loss']:.4f}"

    def save_beside(self, run: Path) -> None:  # noqa: B027, most tasks have none
        """Files of the run folder other than models."""

    def depends_on(self) -> dict[str, str]:
        """Hashes of what must be the same when the run goes on."""
        return {"corpus": data_hash(self.corpus)}

    def metadata(self) -> dict[str, Any]:
        """What `results.json` records beside the metrics."""
        return {}

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the model as a folder that its `from_pretrained` opens, whole or not at all."""

    @abstractmethod
    def describe(self) -> Sequence[str]:
        """Lines to say before the first step."""

    def introduction(self, reads: str) -> str:
        """The first of these lines for a model that learns as a whole; `reads`: where its words come from."""
        learning = sum(p.numel() for p in self.model.parameters())
        return (
            f"{self.corpus.kind.name}: {len(self.sampler.starts)} clips, {len(self.train)} captions; "
            f"{reads}; {learning / 1e6:.1f} M parameters learn."
        )


def prepared_for_run(data: str, run: RunFolder, resumes: bool, accelerator: Accelerator) -> Prepared:
    """The run's corpus; what the main process just prepared serves the others, and a run's serves its continuation."""
    if resumes:
        require_same_source(run, data)
    with accelerator.main_process_first():
        reuse = resumes or not accelerator.is_main_process
        return open_prepared(data, run.data, reuse)


def share_of_motions(split: Split, share: float) -> Split:
    """The rows of a share of the motions, chosen once for all seeds.

    Raises:
        MateError: a share outside (0, 1].
    """
    if not 0 < share <= 1:
        raise MateError(f"train_share: {share}; expected more than 0 and at most 1.")
    if share == 1:
        return split
    ids = np.array(split["id"])
    motions = np.unique(ids)
    chosen = np.random.default_rng(0).permutation(motions)[: max(1, round(share * len(motions)))]
    return split.select(np.flatnonzero(np.isin(ids, chosen)))
