"""A call that a library will drop fails the test that makes it, whether it is told by a warning or by a log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CALLS = '''
import warnings

import pytest
import torch
from diffusers.utils import deprecate
from transformers.utils import logging


@pytest.fixture(scope="module")
def fixture_of_many():
    logging.get_logger("transformers.fixture").warning_once("`Old` is deprecated")


def test_torch():
    torch.cuda.amp.GradScaler(enabled=False)


def test_diffusers():
    deprecate("old", "99.0", "ask for new")


def test_transformers():
    logging.get_logger("transformers.models.old").warning_once("`old` is Deprecated! Use `new`")


def test_fixture(fixture_of_many):
    pass


def test_words_of_a_user_warning():
    warnings.warn("see the notes:\\nold is deprecated", UserWarning)


def test_nothing_deprecated():
    logging.get_logger("transformers.models.old").warning_once("some weights are new")
    warnings.warn("slow", UserWarning)


def test_between_other_libraries():
    warnings.warn_explicit("old", FutureWarning, "sklearn/base.py", 1, module="sklearn.base")
'''


def test_deprecated_calls_fail(tmp_path: Path) -> None:
    made = tmp_path / "tests_of_old_calls.py"
    made.write_text(CALLS)
    settings = ["-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, "-rA", "--tb=no", str(made)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    outcomes = {line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "PASSED"))}
    found = {(line.split()[0], line.split("::")[1].split()[0]) for line in outcomes}
    assert found == {
        ("FAILED", "test_torch"),
        ("FAILED", "test_diffusers"),
        ("FAILED", "test_words_of_a_user_warning"),
        *((outcome, name) for outcome in ("PASSED", "ERROR") for name in ("test_transformers", "test_fixture")),
        ("PASSED", "test_nothing_deprecated"),
        ("PASSED", "test_between_other_libraries"),
    }, done.stdout[-3000:] + done.stderr[-2000:]
