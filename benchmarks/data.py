"""Does training wait for data? The share of time in which a step waits for its batch, and what a batch costs to make.

python -m benchmarks.data DATA [--config training/configs/quickstart.yaml] [--steps 20] [--set hidden_size=512 ...] [--out data.json]

DATA is a prepared corpus. Steps are those of training/train.py on it, with its loader.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from torch import Tensor

from benchmarks import padding
from benchmarks.timing import record, show
from mate_hf.training import configs
from mate_hf.training.arguments import parse_arguments
from mate_hf.training.loop import Training
from mate_hf.training.mate_task import MateTask

QUICKSTART = Path(configs.__file__).parent / "quickstart.yaml"


@dataclass
class Waiting:
    """Seconds of each batch: waited for it, worked on it; the share of its frames that is padding, and of those encoded."""

    waited: list[float]
    worked: list[float]
    padding: list[float]
    encoded: list[float]

    @property
    def share(self) -> float:
        return sum(self.waited) / (sum(self.waited) + sum(self.worked))


def main(
    data: Annotated[str, typer.Argument(help="Prepared corpus.")],
    config: Annotated[Path, typer.Option(help="YAML of training/train.py.")] = QUICKSTART,
    steps: Annotated[int, typer.Option(help="Steps that are timed, after two that are not.")] = 20,
    workers: Annotated[int, typer.Option(help="Processes that make batches.")] = 1,
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE over the YAML.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print the share of time that training waits."""
    given = [
        part
        for setting in settings or ()
        for part in (f"--{setting.split('=')[0]}", setting.split("=", 1)[1])
    ]
    found = {
        name: waiting(["--config", str(config), "--data", data, "--num_workers", str(number), *given], steps)
        for name, number in (("in the background", workers), ("by the training process", 0))
    }
    show(
        f"{steps} steps of {config.stem} on {data}",
        ["batches are made", "seconds a step", "waits ms", "waits %", "padding %", "encoded padding %"],
        [
            [
                name,
                median(one.worked),
                1e3 * median(one.waited),
                100 * one.share,
                100 * mean(one.padding),
                100 * mean(one.encoded),
            ]
            for name, one in found.items()
        ],
    )
    shares = {name: one.share for name, one in found.items()}
    record(
        out,
        {"steps": steps, "settings": given, "waits": shares, "raw": {n: vars(w) for n, w in found.items()}},
        sys.argv,
    )


def waiting(flags: list[str], steps: int) -> Waiting:
    """Train for a few steps and look at the clock before and after each batch arrives."""
    with TemporaryDirectory(prefix="mate-data-") as scratch:
        arguments = parse_arguments([*flags, "--output_dir", scratch])
        training = Training(partial(MateTask, arguments), arguments.run, arguments.flat())
        found = Waiting([], [], [], [])
        training.objective.train()
        training.task.keep_frozen()
        epoch = 0
        while len(found.worked) < steps + 2:
            training.task.sampler.set_epoch(epoch)
            batches = iter(training.task.batches)
            for _ in range(min(len(training.task.sampler), steps + 2 - len(found.worked))):
                asked = time.perf_counter()
                batch = next(batches)
                arrived = time.perf_counter()
                _step(training, batch)
                found.worked.append(time.perf_counter() - arrived)
                found.waited.append(arrived - asked)
                found.padding.append(padding.in_batch(batch["mask"]))
                found.encoded.append(padding.encoded(batch["mask"]))
            epoch += 1
        # The first steps warm up allocators and workers.
        return Waiting(found.waited[2:], found.worked[2:], found.padding[2:], found.encoded[2:])


def _step(training: Training, batch: dict[str, Tensor]) -> None:
    batch = {name: tensor.to(training.accelerator.device) for name, tensor in batch.items()}
    training.accelerator.backward(training.objective(**batch)["loss"])
    training.optimizer.step()
    training.optimizer.zero_grad()


if __name__ == "__main__":
    typer.run(main)
