"""How the cost of a step grows: with captions, frames, words, prototypes, rows that learn.

python -m benchmarks.scale [--repeats 3] [--out scale.json]

One number of `benchmarks.step` grows at a time, from 16 motions of 98 frames; *words and losses* is what MATE adds to the bare three
transformers, timed by itself. Twice as much should cost at most twice as much; prototypes and rows next to nothing. GFLOP are those of matrix
products, counted by torch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.paper_size import Size, paper_batch, paper_objective, words_alone
from benchmarks.step import step_cases
from benchmarks.timing import record, show, take_turns

SMALLEST = Size(batch=16, frames=98, words=1, vocabulary=1000, seen=1000)
CHANGES: dict[str, tuple[int, ...]] = {
    "batch": (16, 32, 64),
    "frames": (49, 98, 196),
    "words": (1, 2, 4, 8),
    "vocabulary": (1000, 4000, 16000),
    "seen": (1000, 4000, 16000),
}


def main(
    repeats: Annotated[int, typer.Option(help="Counted turns; medians are reported.")] = 3,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    only: Annotated[list[str] | None, typer.Option(help="Of batch, frames, words, vocabulary, seen.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print a table for each number."""
    torch.set_num_threads(threads)
    found = {}
    for name in only or CHANGES:
        found[name] = rows = [one_size(name, value, repeats, device) for value in CHANGES[name]]
        show(f"By {name}", list(rows[0]), [list(row.values()) for row in rows])
    record(out, {"device": device, **found}, sys.argv)


def one_size(name: str, value: int, repeats: int, device: str) -> dict[str, float]:
    """Seconds of a bare forward and backward, of a step, and of words and losses without the transformers; GFLOP of these."""
    size = replace(SMALLEST, **{name: value})
    cases = step_cases(size, device)
    words = words_case(size, device)
    seconds = take_turns({"bare": cases["bare"], "step": cases["step"], "words": words}, repeats)
    with FlopCounterMode(display=False) as counter:
        words()
    return {
        name: value,
        "bare s": median(seconds["bare"]),
        "step s": median(seconds["step"]),
        "words and losses s": median(seconds["words"]),
        "their GFLOP": counter.get_total_flops() / 1e9,
    }


def words_case(size: Size, device: str) -> Callable[[], object]:
    """Forward and backward of what MATE adds, on features that the transformers gave once."""
    tensors = paper_batch(size, device)
    objective = words_alone(paper_objective(size, device), tensors)

    def words() -> None:
        objective(**tensors)["loss"].backward()
        objective.zero_grad()

    return words


if __name__ == "__main__":
    typer.run(main)
