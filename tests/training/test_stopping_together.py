"""Processes that train together are stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tiny import TINY_SIZES, flags
from tests.training.test_loop import assert_same_weights
from tests.training.test_stopping import names, wait_for


def together(**options: object) -> subprocess.Popen[str]:
    """Two processes on CPUs, and the launcher above them."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]
    settings = {**TINY_SIZES, "epochs": 5000, "checkpoint_steps": 1, "seed": 3, **options}
    return subprocess.Popen(
        [sys.executable, *launcher, "mate_hf.training.train", *flags(**settings)],
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


def ranks(launcher: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()]


def are_gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_they_keep_one_step_and_a_killed_one_ends_all(
    corpus: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    data = {"data": corpus, "text_encoder": text_encoders["bert"]}
    stopped = tmp_path / "stopped"
    launcher = together(**data, output_dir=stopped)
    wait_for(lambda: list((stopped / "checkpoints").glob("step_*")))
    working = ranks(launcher.pid)
    launcher.send_signal(signal.SIGTERM)
    _, said = launcher.communicate(timeout=60)
    assert said.count("error: SIGTERM: stopped after step") == 1, said[-3000:]
    assert are_gone(working)
    step = int(names(stopped)[-1].removeprefix("step_"))

    for out, more in (("stopped", {"resume": "last"}), ("whole", {})):
        done = together(**data, output_dir=tmp_path / out, max_steps=step + 2, **more)
        _, said = done.communicate(timeout=300)
        assert done.returncode == 0, said[-3000:]
    assert_same_weights(stopped, tmp_path / "whole")

    launcher = together(**data, output_dir=stopped, resume="last")
    wait_for(lambda: int(names(stopped)[-1].removeprefix("step_")) > step + 2)
    working = ranks(launcher.pid)
    os.kill(working[1], signal.SIGKILL)
    killed = time.monotonic()
    _, said = launcher.communicate(timeout=60)
    assert time.monotonic() - killed < 60
    assert launcher.returncode == 1
    assert are_gone(working)
    assert "another process of this training is gone" in said or "SIGTERM: stopped" in said, said[-3000:]
