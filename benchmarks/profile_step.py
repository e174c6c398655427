"""Where a training step's time goes, by kind of operation: `torch.profiler` over `benchmarks.step`'s cases.

python -m benchmarks.profile_step [--batch 64] [--frames 196] [--device cpu] [--precision no] [--out profile.json]

A row a kind of operation, its milliseconds in the bare three transformers and in the whole step, and the operations of each kind that
cost most. Kinds are told by the operations' names.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch.profiler import ProfilerActivity, profile

from benchmarks.paper_size import Size
from benchmarks.step import step_cases
from benchmarks.timing import record, show

COPIES = ("copy", "fill", "zero", "cat", "index", "gather", "scatter", "clone", "contiguous", "pad")
ELEMENTWISE = ("mul", "add", "sub", "div", "gelu", "relu", "sigmoid", "exp", "::ge", "sqrt", "sum")
KINDS = {
    "attention": ("scaled_dot_product", "flash", "softmax"),
    "dropout": ("dropout", "bernoulli", "random_"),
    "normalisation": ("layer_norm", "normalize", "linalg_vector_norm"),
    "optimizer": ("adam", "foreach"),
    "copies and fills": COPIES,
    "matrix products": ("mm", "matmul", "linear", "einsum"),
    "elementwise": ELEMENTWISE,
}
"""Marks in an operation's name; the first kind with one of them is its kind."""

OTHER = "the rest"
STEPS = 2


def main(
    batch: Annotated[int, typer.Option(help="Captioned motions a step.")] = 64,
    frames: Annotated[int, typer.Option(help="Frames of each motion.")] = 196,
    words: Annotated[int, typer.Option(help="Words drawn from each caption.")] = 1,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    precision: Annotated[str, typer.Option(help="no or bf16.")] = "no",
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print milliseconds by kind of operation."""
    torch.set_num_threads(threads)
    cases = step_cases(Size(batch=batch, frames=frames, words=words), device, precision)
    for case in cases.values():
        # The first pass of each takes memory from the system, which later ones find taken.
        case()
    found = {name: by_operation(cases[name], device) for name in ("bare", "step")}
    kinds = {name: by_kind(operations) for name, operations in found.items()}
    whole = sum(kinds["step"].values())
    rows: list[list[object]] = [
        [kind, kinds["bare"].get(kind, 0.0), spent, 100 * spent / whole, _dearest(found["step"], kind)]
        for kind, spent in sorted(kinds["step"].items(), key=lambda entry: -entry[1])
    ]
    show("Milliseconds a step", ["kind", "bare", "step", "%", "dearest"], rows)
    record(out, {"device": device, "precision": precision, "kinds": kinds, "operations": found}, sys.argv)


def by_operation(step: Callable[[], object], device: str) -> dict[str, float]:
    """Milliseconds that each operation spends itself, a step."""
    activities = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if device == "cuda" else [])
    with profile(activities=activities) as profiler:
        for _ in range(STEPS):
            step()
    spent: dict[str, float] = defaultdict(float)
    for event in profiler.key_averages():
        time = event.self_device_time_total if device == "cuda" else event.self_cpu_time_total
        spent[event.key] += time / 1e3 / STEPS
    return {name: value for name, value in spent.items() if value}


def by_kind(operations: dict[str, float]) -> dict[str, float]:
    """The same, summed by kind."""
    spent: dict[str, float] = defaultdict(float)
    for name, value in operations.items():
        spent[kind_of(name)] += value
    return dict(spent)


def kind_of(name: str) -> str:
    """The kind whose marks the operation's name holds."""
    lower = name.lower()
    return next((kind for kind, marks in KINDS.items() if any(mark in lower for mark in marks)), OTHER)


def _dearest(operations: dict[str, float], kind: str) -> str:
    named = sorted(
        ((value, name) for name, value in operations.items() if kind_of(name) == kind), reverse=True
    )
    return ", ".join(f"{name.removeprefix('aten::')} {value:.0f}" for value, name in named[:3])


if __name__ == "__main__":
    typer.run(main)
