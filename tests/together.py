"""Commands and scripts in two processes of one machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TRAINS_EACH = """
from accelerate.state import PartialState
from mate_hf.training import entry

# The group outlives each training, for the next.
PartialState.destroy_process_group = lambda state, group=None: None
for argv in runs:
    getattr(entry, train)(argv)
"""


def together(*command: object) -> str:
    """What the script, or `-m` and the module, says in two processes that torchrun starts."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launcher, *map(str, command)],
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stdout


def train_together(folder: Path, command: str, runs: list[list[str]], before: str = "") -> None:
    """Several trainings, one after the other in the same processes: to start those takes longer than a tiny training.

    Args:
        folder: for the script. command: of `mate_hf.training.entry`. runs: the flags of each. before: lines to run first.
    """
    script = folder / "train.py"
    script.write_text(f"runs, train = {runs!r}, {command!r}\n{before}\n{TRAINS_EACH}")
    together(script)
