"""Commands, scripts and trainings in two processes of one machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def together(*command: object) -> str:
    """What the script, or `-m` and the module, says in two processes that torchrun starts."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launcher, *map(str, command)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stdout


def train_together(calls: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Trainings by their scripts' names and flags, one after another in the same processes: to start those takes longer than they do."""
    together("-m", "tests.training.every_script", json.dumps(calls))
