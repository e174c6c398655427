"""What the benchmark of kills finds, and, slowly, that it finds nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from benchmarks.kills_compared import compared, half_written, hidden


def write(folder: Path, seconds: float = 1.0, step: int = 2, weight: float = 0.5) -> Path:
    (folder / "last").mkdir(parents=True)
    save_file({"weight": torch.full((3,), weight)}, folder / "last" / "model.safetensors")
    (folder / "results.json").write_text(json.dumps({"seconds": seconds, "step": step}))
    (folder / "log.jsonl").write_text(json.dumps({"step": step}) + "\n")
    return folder


def test_times_may_differ_and_nothing_else(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole")
    assert not compared(whole, write(tmp_path / "later", seconds=2.0))
    assert compared(whole, write(tmp_path / "other", weight=0.6)) == ["last/model.safetensors differs"]
    assert compared(whole, write(tmp_path / "longer", step=3)) == [
        "log.jsonl differs",
        "results.json differs",
    ]
    (whole / "more").touch()
    assert compared(whole, tmp_path / "later") == ["more is in one of them"]
    assert len(compared(whole, tmp_path / "nowhere")) == 4


def test_halves_and_what_is_left_are_found(tmp_path: Path) -> None:
    folder = write(tmp_path / "run")
    assert not half_written(folder)
    assert not hidden(tmp_path)
    for name in ("results.json", "last/model.safetensors"):
        file = folder / name
        file.write_bytes(file.read_bytes()[:-4])
    (tmp_path / ".run.writing").mkdir()
    (folder / ".lock").touch()
    assert set(half_written(folder)) == {folder / "results.json", folder / "last" / "model.safetensors"}
    assert hidden(tmp_path) == [tmp_path / ".run.writing", folder / ".lock"]


KILLS = """
import sys
from pathlib import Path
from benchmarks.kills import kill_all
wrong = kill_all(Path(sys.argv[1]), "", 30, 2, 0, names=["prepare-1-of-2", "prepare-2-of-2", "join-prepare", "prepare", "train-vq"])
sys.exit("\\n".join(wrong))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark is for Linux")
def test_what_is_killed_ends_as_if_nobody_had_killed_it(tmp_path: Path) -> None:
    """In a process of its own, which it forks."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLS, str(tmp_path / "kills")], capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr[-2000:]}"
