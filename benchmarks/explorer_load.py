"""What `mate explore` bears: many pages that ask at once, how long each question takes, and whether the server grows.

python -m benchmarks.explorer_load RUN [--generator NAME=PATH]... [--clients 8] [--seconds 300] [--out load.json]

The server is a process of its own. First one client asks each question alone, then all ask without a pause; its memory (RSS), threads and open
files are read every second, from /proc. Seconds of CPU are the server's, which others on the machine do not lengthen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from benchmarks.timing import record, show

SENTENCES = (
    "a person turns left",
    "a person walks forward and then raises the right arm",
    "someone kicks twice with the left leg, then steps backward slowly",
    "a person hops up and down",
)
WORDS = ("left", "up", "forward", "walks")
ALONE = 5
"""Times that each question is asked alone."""

MIB = 2**20
STARTING, ANSWERING, ENDING = 1200, 900, 300
"""Seconds that are waited."""


def main(
    run: Annotated[Path, typer.Argument(help="What `mate explore` takes.")],
    generator: Annotated[list[str] | None, typer.Option(help="As of `mate explore`.")] = None,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
    clients: Annotated[int, typer.Option(help="Pages that ask at once.")] = 8,
    seconds: Annotated[float, typer.Option(help="How long they do.")] = 300,
    port: Annotated[int, typer.Option(help="Of the server.")] = 7899,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print both tables."""
    generators = generator or []
    command = [sys.executable, "-m", "mate_hf.cli", "explore", str(run), "--no-browser", "--which", which]
    command += ["--port", str(port), *(word for one in generators for word in ("--generator", one))]
    with _served(command, f"http://127.0.0.1:{port}/") as (address, process):
        questions = _questions(bool(generators))
        alone, worked = defaultdict(list), defaultdict(list)
        client = _client(address)
        for name, values in questions:
            for number in range(ALONE):
                before = _cpu_seconds(process.pid)
                alone[name].append(_ask(client, name, values[number % len(values)]))
                worked[name].append(_cpu_seconds(process.pid) - before)
        together, held = _together(address, process.pid, questions, clients, seconds)
    show(
        "Seconds a question, asked alone and by all",
        ["question", "alone", "worst", "of CPU", "worst", f"{clients} clients", "worst", "answers"],
        [
            [
                name,
                median(alone[name]),
                max(alone[name]),
                median(worked[name]),
                max(worked[name]),
                median(together[name]),
                max(together[name]),
                len(together[name]),
            ]
            for name, _ in questions
        ],
    )
    quarter = max(len(held) // 4, 1)
    kinds = {"memory, MiB": 0, "threads": 1, "open files": 2}
    show(
        f"What the server holds, over {seconds:g} s",
        ["", "first", "last", "most", "last quarter over the second"],
        [
            [
                kind,
                held[0][place],
                held[-1][place],
                max(one[place] for one in held),
                median(one[place] for one in held[-quarter:])
                - median(one[place] for one in held[quarter : 2 * quarter] or held),
            ]
            for kind, place in kinds.items()
        ],
    )
    record(
        out, {"alone": alone, "cpu": worked, "together": together, "held": held, "kinds": [*kinds]}, sys.argv
    )


def _questions(generates: bool) -> list[tuple[str, list[tuple[Any, ...]]]]:
    best = "the motion that goes with it best"
    asked: list[tuple[str, list[tuple[Any, ...]]]] = [
        ("caption", [(sentence, best) for sentence in SENTENCES]),
        ("motions", [(sentence,) for sentence in SENTENCES]),
        ("swap", [(sentence, "", best) for sentence in SENTENCES]),
        ("neighbours", [(word,) for word in WORDS]),
    ]
    if generates:
        asked.append(("generate", [(sentence, 6, seed) for seed, sentence in enumerate(SENTENCES)]))
    return asked


def _client(address: str) -> Any:
    from gradio_client import Client

    return Client(address, verbose=False, analytics_enabled=False)


def _ask(client: Any, name: str, values: tuple[Any, ...]) -> float:
    started = time.perf_counter()
    answer = client.submit(*values, api_name=f"/{name}").result(timeout=ANSWERING)
    found = time.perf_counter() - started
    if "mate-answer" not in answer or 'role="alert"' in answer:
        raise SystemExit(f"{name}{values}: no answer but {answer[:200]!r}")
    return found


def _together(
    address: str,
    server: int,
    questions: list[tuple[str, list[tuple[Any, ...]]]],
    clients: int,
    seconds: float,
) -> tuple[dict[str, list[float]], list[tuple[float, ...]]]:
    """Seconds of every answer by question, and what the server holds second by second."""
    times: dict[str, list[float]] = defaultdict(list)
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        client = _client(address)
        turns = cycle(questions[number % len(questions) :] + questions[: number % len(questions)])
        for turn, (name, values) in enumerate(turns):
            if time.monotonic() >= end:
                return
            times[name].append(_ask(client, name, values[turn % len(values)]))

    workers = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(clients)]
    for worker in workers:
        worker.start()
    held = []
    while any(worker.is_alive() for worker in workers):
        held.append(_held(server))
        time.sleep(1)
    return times, held


def _held(process: int) -> tuple[float, ...]:
    """MiB of memory, threads, open files."""
    of = Path(f"/proc/{process}")
    pages = int((of / "statm").read_text().split()[1])
    return pages * 4096 / MIB, len([*(of / "task").iterdir()]), len([*(of / "fd").iterdir()])


def _cpu_seconds(process: int) -> float:
    """Of user and system, of all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _served(command: list[str], address: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    import httpx

    process = subprocess.Popen(command)
    try:
        for _ in range(STARTING):
            if process.poll() is not None:
                raise SystemExit("the server ended")
            try:
                httpx.get(address, timeout=5)
                break
            except httpx.TransportError:
                time.sleep(1)
        yield address, process
    finally:
        process.terminate()
        # On a machine that others keep busy it takes a while, and what was measured is not to be lost for it.
        process.wait(ENDING)


if __name__ == "__main__":
    typer.run(main)
