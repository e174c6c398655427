"""Does a long training hold what it held at its beginning? Memory, open files, threads and processes over 10,000 tiny steps.

nice -n 10 python -m benchmarks.soak [--steps 10000] [--only train-vq] [--out soak.json]

Each training script runs in a process of its own on a tiny corpus, with a worker, validations, checkpoints and records as a real one has them.
It is looked at a hundred times; compared are the medians of its second tenth, when everything has been done once, and of its last. The exit
status is 1 where memory grew by more than ROOM or anything else grew at all. Linux: memory is that of /proc/self/status which is no
file's. What no other process shares would not do: pages of libraries become a process's own as others end, and pages that a forked worker
shares when Python's collector of garbage first touches them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import psutil
import typer

ROOM = 16.0
"""MiB: a history of 10,000 steps, and what an allocator keeps for later."""

LOOKS = 100


@dataclass(frozen=True)
class Look:
    """What a process holds after a step."""

    step: int
    seconds: float
    mib: float
    files: int
    threads: int
    processes: int


def held_mib() -> float:
    """Of this process: all memory that is no file's, in pages or swapped, whether a worker that was forked still shares it or not."""
    status = Path("/proc/self/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return sum(int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem", "VmSwap")) / 2**10


def looked(step: int, started: float) -> Look:
    """Of this process."""
    me = psutil.Process()
    return Look(
        step,
        time.monotonic() - started,
        held_mib(),
        me.num_fds(),
        me.num_threads(),
        len(me.children(recursive=True)),
    )


def grown(looks: Sequence[Look]) -> dict[str, float]:
    """By how much each number grew from the second tenth to the last."""
    tenth = max(len(looks) // 10, 1)
    before, after = looks[tenth : 2 * tenth], looks[-tenth:]
    return {
        name: median(getattr(one, name) for one in after) - median(getattr(one, name) for one in before)
        for name in ("mib", "files", "threads", "processes")
    }


def kept(growth: dict[str, float], room: float = ROOM) -> bool:
    """Whether it is flat."""
    return growth["mib"] <= room and all(value <= 0 for name, value in growth.items() if name != "mib")


def soak(script: str, argv: Sequence[str], steps: int, every: int) -> list[Look]:
    """Train in this process, and look at it."""
    from mate_hf.training.loop import Training
    from tests.training.every_script import SCRIPTS

    looks: list[Look] = []
    started, advance = time.monotonic(), Training._leave_if_asked

    def look(self: Training) -> None:
        if self.state.step % every == 0 and (not looks or looks[-1].step < self.state.step):
            looks.append(looked(self.state.step, started))
        advance(self)

    Training._leave_if_asked = look  # type: ignore[method-assign]
    try:
        SCRIPTS[script]([*argv, "--max_steps", str(steps)])
    finally:
        Training._leave_if_asked = advance  # type: ignore[method-assign]
    return looks


def prepared(root: Path) -> tuple[Path, Path, Path]:
    """A tiny corpus, text encoder and VQ-VAE."""
    from mate_hf.data.preparation import prepare
    from tests.tiny import make_corpus, make_text_encoder
    from tests.training.every_script import make_vq

    prepare(str(make_corpus(root / "folder", clips=36)), root / "data", workers=1)
    return root / "data", make_text_encoder("bert", root / "encoder"), make_vq(root / "vq_made")


def main(
    steps: Annotated[int, typer.Option(help="Of each training.", min=LOOKS)] = 10_000,
    only: Annotated[list[str] | None, typer.Option(help="Scripts, by name.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of all looks.")] = None,
    inside: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Print what grew, a line a script."""
    if inside is not None:
        asked = json.loads(inside)
        looks = soak(asked["script"], asked["argv"], steps, steps // LOOKS)
        Path(asked["looks"]).write_text(json.dumps([asdict(look) for look in looks]))
        return
    from tests.tiny import flags
    from tests.training.every_script import SCRIPTS, tiny_settings

    found: dict[str, list[dict[str, float]]] = {}
    flat = True
    with TemporaryDirectory(prefix="mate-soak") as scratch:
        root = Path(scratch)
        data, encoder, vq = prepared(root)
        every: dict[str, object] = {
            "num_workers": 1,
            "checkpoint_steps": 200,
            "validation_epochs": 50,
            "log_steps": 20,
        }
        every |= {"epochs": 10**6, "cpu_threads": 1, "batch_size": 4, "report_to": "tensorboard"}
        for script in only or SCRIPTS:
            argv = flags(**tiny_settings(script, encoder, vq) | every, data=data, output_dir=root / script)
            asked = {"script": script, "argv": argv, "looks": str(root / "looks.json")}
            command = [sys.executable, "-W", "ignore", "-m", "benchmarks.soak", "--steps", str(steps)]
            done = subprocess.run(
                [*command, "--inside", json.dumps(asked)],
                env={**os.environ, "MATE_CACHE": str(root / "cache"), "HF_HUB_OFFLINE": "1"},
                capture_output=True,
                text=True,
            )
            if done.returncode:
                sys.exit(done.stderr[-3000:])
            looks = [Look(**look) for look in json.loads((root / "looks.json").read_text())]
            growth, last = grown(looks), looks[-1]
            flat = flat and kept(growth)
            print(
                f"{script}: {last.step} steps in {last.seconds:.0f} s, {last.mib:.0f} MiB ({growth['mib']:+.1f}), {last.files} files "
                f"({growth['files']:+g}), {last.threads} threads ({growth['threads']:+g}), {last.processes} processes "
                f"({growth['processes']:+g}): {'flat' if kept(growth) else 'GROWN'}",
                flush=True,
            )
            found[script] = [asdict(look) for look in looks]
    if out is not None:
        out.write_text(json.dumps(found))
    raise typer.Exit(not flat)


if __name__ == "__main__":
    typer.run(main)
