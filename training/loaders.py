"""The loaders of training and validation, alike for every model."""

from __future__ import annotations

import os
import signal
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


STAYS = 20
"""Seconds that a worker outlives a SIGTERM that was sent to all processes of the run."""


def outlive_signals(worker: int) -> None:
    """Leave a worker to its process, which writes a checkpoint first: one that a signal killed would end that with an error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "alarm"):
        # Any status but 0 is reported as a failure of the worker.
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        signal.signal(signal.SIGTERM, lambda *_: signal.alarm(STAYS))


def end_workers(loader: Batches) -> None:
    """End a loader's workers, as they end by themselves where nothing failed: at the end of the process they are waited for."""
    shut_down = getattr(getattr(loader, "_iterator", None), "_shutdown_workers", None)
    if shut_down is not None:
        shut_down()


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
        worker_init_fn=outlive_signals if workers > 0 else None,
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
