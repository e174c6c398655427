"""What encoding in groups of like length saves: training steps on the same batches with groups and without.

python -m benchmarks.length_groups DATA [--config training/configs/quickstart.yaml] [--steps 8] [--set hidden_size=512 ...] [--out groups.json]

DATA is a prepared corpus. Every batch is taken twice, once a way.
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from statistics import mean, median
from typing import Annotated
from unittest import mock

import typer

from benchmarks import padding, stepping
from benchmarks.timing import ratio, record, show, take_turns
from mate_hf.modeling import ragged

ALL = sys.maxsize
"""Sequences of a group that no batch fills."""


def main(
    data: Annotated[str, typer.Argument(help="Prepared corpus.")],
    config: Annotated[Path, typer.Option(help="YAML of training/train.py.")] = stepping.QUICKSTART,
    steps: Annotated[int, typer.Option(help="Batches that are timed.")] = 8,
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE over the YAML.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print seconds a step, the ratio, and padding."""
    seconds: dict[str, list[float]] = {"grouped": [], "padded to the longest": []}
    shares: dict[str, list[float]] = {name: [] for name in seconds}
    with stepping.opened(data, config, 0, settings or ()) as training:

        def grouped() -> None:
            stepping.take(training, batch)

        def padded() -> None:
            with mock.patch.object(ragged, "FEWEST", ALL):
                stepping.take(training, batch)

        cases = dict(zip(seconds, (grouped, padded), strict=True))
        for number, batch in enumerate(islice(stepping.endless(training), steps)):
            for name, [taken] in take_turns(cases, repeats=1, warmups=number == 0).items():
                seconds[name].append(taken)
            width = training.objective.model.config.hidden_size
            shares["grouped"].append(padding.encoded(batch["mask"], width))
            shares["padded to the longest"].append(padding.in_batch(batch["mask"]))
    saved = ratio(seconds, "padded to the longest", "grouped")
    show(
        f"{steps} steps of {config.stem} on {data}: padding to the longest takes {saved:.2f} x the time of groups",
        ["", "seconds a step", "padding %"],
        [[name, median(taken), 100 * mean(shares[name])] for name, taken in seconds.items()],
    )
    record(out, {"ratio": saved, "seconds": seconds, "padding": shares}, sys.argv)


if __name__ == "__main__":
    typer.run(main)
