"""The loaders of training and validation, alike for every model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from mate_hf.data.batching import EVALUATION, ClipBatches, Draw
from mate_hf.data.split import Split
from mate_hf.training.run_arguments import DataArguments, RunArguments

Batches = DataLoader[Any]
"""Yields the dictionaries of tensors that a task's objective takes."""

Collate = Callable[[list[Any]], dict[str, torch.Tensor]]


def clip_sampler(
    split: Split, data: DataArguments, run: RunArguments, accelerator: Accelerator
) -> ClipBatches:
    """Every clip once an epoch with one of its captions; this process's share."""
    return ClipBatches(
        np.unique(split["clip"], return_inverse=True)[1],
        data.batch_size,
        run.seed,
        accelerator.process_index,
        accelerator.num_processes,
        run.gradient_accumulation_steps,
    )


def training_loader(
    rows: TorchDataset[Any], sampler: ClipBatches, collate: Collate, workers: int, device: torch.device
) -> Batches:
    """Batches of the sampler's draws."""
    return DataLoader(
        rows,
        batch_sampler=sampler,
        collate_fn=collate,
        num_workers=workers,
        pin_memory=device.type == "cuda",
        persistent_workers=workers > 0,
        # Its own generator: the loader must not draw from the one that dropout uses, or resuming would shift it.
        generator=torch.Generator(),
    )


def validation_loader(
    rows: TorchDataset[Any], chosen: Sequence[int], collate: Collate, batch_size: int
) -> Batches:
    """The chosen rows in batches that are drawn as those of training are, the same every time."""
    drawn = [Draw(EVALUATION, int(row)) for row in np.random.default_rng(0).permutation(chosen)]
    batches = [drawn[start : start + batch_size] for start in range(0, len(drawn), batch_size)]
    return DataLoader(rows, batch_sampler=batches, collate_fn=collate, generator=torch.Generator())
