"""Does training wait for data? The share of time in which a step waits for its batch, and what a batch costs to make.

python -m benchmarks.data DATA [--config training/configs/quickstart.yaml] [--steps 20] [--set hidden_size=512 ...] [--out data.json]

DATA is a prepared corpus. Steps are those of training/train.py on it, with its loader.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Annotated

import typer

from benchmarks import padding, stepping
from benchmarks.timing import record, show
from mate_hf.training.loop import Training

WARMUPS = 2
"""Steps in which allocators and workers warm up."""


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
    config: Annotated[Path, typer.Option(help="YAML of training/train.py.")] = stepping.QUICKSTART,
    steps: Annotated[int, typer.Option(help="Steps that are timed, after two that are not.")] = 20,
    workers: Annotated[int, typer.Option(help="Processes that make batches.")] = 1,
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE over the YAML.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print the share of time that training waits."""
    found = {}
    for name, number in (("in the background", workers), ("by the training process", 0)):
        with stepping.opened(data, config, number, settings or ()) as training:
            found[name] = waiting(training, steps)
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
        {"steps": steps, "waits": shares, "raw": {name: vars(one) for name, one in found.items()}},
        sys.argv,
    )


def waiting(training: Training, steps: int) -> Waiting:
    """Train for a few steps and look at the clock before and after each batch arrives."""
    found = Waiting([], [], [], [])
    batches = stepping.endless(training)
    for step in range(WARMUPS + steps):
        asked = time.perf_counter()
        batch = next(batches)
        arrived = time.perf_counter()
        stepping.take(training, batch)
        done = time.perf_counter()
        if step >= WARMUPS:
            found.waited.append(arrived - asked)
            found.worked.append(done - arrived)
            found.padding.append(padding.in_batch(batch["mask"]))
            found.encoded.append(padding.encoded(batch["mask"], training.objective.model.config.hidden_size))
    return found


if __name__ == "__main__":
    typer.run(main)
