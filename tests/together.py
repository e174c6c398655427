"""Commands, scripts and trainings in two processes of one machine, which begin with the libraries imported.

To start a Python that imports them takes each process longer than what tests ask of it: they are forked from a server that has. That
torchrun's own processes find each other is `training/test_continuing.py`'s.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import runpy
import socket
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]

IMPORTED = (
    "mate_hf.cli",
    "mate_hf.training.entry",
    "mate_hf.data.preparation",
    "mate_hf.localization.run",
    "mate_hf.text.decomposition.rules",
    "tests.training.every_script",
)
PATIENCE = 900


@cache
def forks() -> ForkServerContext:
    """Processes of a server that has imported these."""
    # It finds them by its environment alone, and begins with the first process.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    first = context.Process(target=_imported)
    first.start()
    first.join()
    assert first.exitcode == 0, "the server of tests/together.py lacks what it should have imported"
    os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)
    return context


def _imported() -> None:
    missing = set(IMPORTED) - sys.modules.keys()
    raise SystemExit(bool(missing))


def together(*command: object) -> str:
    """What the script, or `-m` and the module, says in two processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory() as said:
        given = (port, [str(part) for part in command], dict(os.environ), said)
        ranks = [forks().Process(target=_rank, args=(rank, *given)) for rank in (0, 1)]
        for process in ranks:
            process.start()
        running = {process.sentinel: process for process in ranks}
        while running and (ended := wait(list(running), PATIENCE)):
            if any(running.pop(sentinel).exitcode for sentinel in ended):
                break
        for process in running.values():
            process.kill()
        for process in ranks:
            process.join()
        out, err = ([Path(said, f"{rank}.{kind}").read_text() for rank in (0, 1)] for kind in ("out", "err"))
    codes = [process.exitcode for process in ranks]
    assert codes == [0, 0], f"{codes}\n" + "\n".join(text[-6000:] for text in err)
    return "".join(out)


def _rank(rank: int, port: int, command: Sequence[str], environment: Mapping[str, str], said: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE="2",
        LOCAL_WORLD_SIZE="2",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
        ACCELERATE_USE_CPU="true",
        OMP_NUM_THREADS="1",
    )
    for number, kind in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{said}/{rank}.{kind}", os.O_CREAT | os.O_WRONLY, 0o600), number)
    if command[0] == "-m":
        sys.argv = list(command[1:])
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(command)
        runpy.run_path(command[0], run_name="__main__")


def train_together(calls: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Trainings by their scripts' names and flags, one after another in the same processes."""
    together("-m", "tests.training.every_script", json.dumps(calls))
