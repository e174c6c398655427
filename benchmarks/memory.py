"""What training needs in memory: rows that were seen against a whole table, and a step against the bare three transformers.

python -m benchmarks.memory [--batch 64] [--frames 196] [--out memory.json]

The first table counts bytes of gradient and AdamW state of CLIP's table (49,408 x 512) by the rows that training sees. The second
is the peak memory of a process that takes one step, each case in a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import nn

from benchmarks.paper_size import Size
from benchmarks.step import step_cases
from benchmarks.timing import record, show
from mate_hf.modeling.trainable_rows import TrainableRows

TABLE = (49408, 512)
SEEN = (500, 1000, 3000, 10000)
MIB = 2**20


def main(
    batch: Annotated[int, typer.Option(help="Captioned motions a step.")] = 64,
    frames: Annotated[int, typer.Option(help="Frames of each motion.")] = 196,
    case: Annotated[
        str | None, typer.Option(help="Measure this one here (used by the command itself).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print both tables."""
    size = Size(batch=batch, frames=frames)
    if case is not None:
        print(json.dumps(peak(size, case)))
        return
    rows = {str(seen): table_bytes(seen) for seen in SEEN} | {"whole table": table_bytes(None)}
    show(
        "Gradient and optimizer state of CLIP's table",
        ["rows that learn", "MiB"],
        [[name, count / MIB] for name, count in rows.items()],
    )
    peaks = {name: _in_a_process(size, name) for name in ("bare", "step")}
    show(
        f"Peak memory of a step of {batch} motions of {frames} frames: {peaks['step'] / peaks['bare']:.2f} x the bare three",
        ["case", "MiB over the model"],
        [[name, value] for name, value in peaks.items()],
    )
    record(out, {"table_bytes": rows, "peak_mib": peaks}, sys.argv)


def table_bytes(seen: int | None) -> int:
    """Bytes of gradient and AdamW state after one step on a table of which `seen` rows learn; all where None."""
    table = nn.Embedding(*TABLE)
    layer: nn.Module = table if seen is None else TrainableRows(table, list(range(seen)))
    learning = [parameter for parameter in layer.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-5)
    layer(torch.arange(64)).sum().backward()
    optimizer.step()
    state = [value for values in optimizer.state.values() for value in values.values()]
    gradients = [parameter.grad for parameter in learning if parameter.grad is not None]
    return sum(tensor.numel() * tensor.element_size() for tensor in (*gradients, *state))


def peak(size: Size, case: str) -> float:
    """MiB that the process's peak rises by when it takes the case twice."""
    step = step_cases(size)[case]
    before = _peak_mib()
    step()
    step()
    return _peak_mib() - before


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_a_process(size: Size, case: str) -> float:
    command = [
        sys.executable,
        "-m",
        "benchmarks.memory",
        "--batch",
        str(size.batch),
        "--frames",
        str(size.frames),
    ]
    done = subprocess.run([*command, "--case", case], check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    typer.run(main)
