"""Training as training/train.py does it, opened for benchmarks that take its steps themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch import Tensor

from mate_hf.training import configs
from mate_hf.training.arguments import parse_arguments
from mate_hf.training.loop import Training
from mate_hf.training.mate_task import MateTask

QUICKSTART = Path(configs.__file__).parent / "quickstart.yaml"


@contextmanager
def opened(data: str, config: Path, workers: int, settings: Sequence[str] = ()) -> Iterator[Training]:
    """A training on a prepared corpus; its output folder is gone afterwards.

    Args:
        settings: NAME=VALUE over the YAML.
    """
    given = [
        part for setting in settings for part in (f"--{setting.split('=')[0]}", setting.split("=", 1)[1])
    ]
    with TemporaryDirectory(prefix="mate-stepping-") as scratch:
        flags = ["--config", str(config), "--data", data, "--num_workers", str(workers), *given]
        arguments = parse_arguments([*flags, "--output_dir", scratch])
        training = Training(partial(MateTask, arguments), arguments.run, arguments.flat())
        training.objective.train()
        training.task.keep_frozen()
        yield training


def endless(training: Training) -> Iterator[dict[str, Tensor]]:
    """Batches of one epoch after another."""
    epoch = 0
    while True:
        training.task.sampler.set_epoch(epoch)
        yield from training.task.batches
        epoch += 1


def take(training: Training, batch: dict[str, Any]) -> Tensor:
    """One step; its loss."""
    batch = {name: tensor.to(training.accelerator.device) for name, tensor in batch.items()}
    loss: Tensor = training.objective(**batch)["loss"]
    training.accelerator.backward(loss)
    training.optimizer.step()
    training.optimizer.zero_grad()
    return loss.detach()
