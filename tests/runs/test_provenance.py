"""A results file names the command as a user would type it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import mate_hf
from mate_hf.runs.provenance import _program
from mate_hf.utils.versions import commit

ROOT = Path(mate_hf.__file__).parents[1]


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        (f"{ROOT}/mate_hf/cli/__main__.py", "mate"),
        ("/home/somebody/.venv/bin/mate", "mate"),
        (f"{ROOT}/training/train.py", "training/train.py"),
        ("training/train.py", "training/train.py"),
        ("/elsewhere/train.py", "/elsewhere/train.py"),
    ],
)
def test_program_is_named_as_it_is_called(path: str, typed: str) -> None:
    assert _program(path) == typed


def test_commit_is_the_checkouts() -> None:
    done = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    assert (commit() or "").rstrip("+") == done.stdout.strip()
