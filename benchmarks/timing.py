"""Times in one run: cases take turns, so that a busy machine slows all of them, and medians are compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from mate_hf.utils.files import write_json
from mate_hf.utils.versions import versions

console = Console(highlight=False)


def take_turns(
    cases: Mapping[str, Callable[[], object]], repeats: int, warmups: int = 1
) -> dict[str, list[float]]:
    """Seconds of each call of each case; the cases alternate, `warmups` rounds are not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(warmups + repeats):
        for name, case in cases.items():
            _finish()
            started = time.perf_counter()
            case()
            _finish()
            if turn >= warmups:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def ratio(seconds: Mapping[str, list[float]], slow: str, fast: str) -> float:
    """How many times as long `slow` takes as `fast`: the median over the turns."""
    return median(a / b for a, b in zip(seconds[slow], seconds[fast], strict=True))


def show(title: str, columns: list[str], rows: list[list[object]]) -> None:
    """Print a table."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row))
    console.print(table)


def record(out: Path | None, results: dict[str, Any], argv: list[str]) -> None:
    """Write the numbers with the machine they were taken on; nothing without `out`."""
    if out is not None:
        machine = {"threads": torch.get_num_threads(), **versions()}
        write_json(out, {"command": argv, "machine": machine, **results})


def _finish() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
