"""A call that a library will drop fails the test that makes it, whether it is told by a warning or by a log."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CALLS = """
import sys
import types
import warnings

import pytest
import torch
from diffusers import DPMSolverMultistepScheduler
from diffusers.utils import deprecate
from transformers.utils import logging


def module_of(name, code):
    made = types.ModuleType(name)
    exec(code, made.__dict__)
    return made


SPEAKS = "import warnings\\ndef old(): warnings.warn('old will go', FutureWarning)"
torch_speaks = module_of("torch.old", SPEAKS)
peft_calls_torch = module_of("peft.old", "def old(speaker): speaker.old()")


@pytest.fixture(scope="module")
def of_many():
    logging.get_logger("transformers.fixture").warning_once("`Old` is deprecated")


def test_blamed_on_us():
    torch.cuda.amp.GradScaler(enabled=False)


def test_by_diffusers():
    deprecate("old", "99.0", "ask for new")


def test_blamed_on_itself():
    torch_speaks.old()


def test_in_a_log():
    logging.get_logger("transformers.models.old").warning_once("`old` is Deprecated! Use `new`")


def test_in_a_fixture(of_many):
    pass


def test_in_words():
    warnings.warn("see the notes:\\nold is deprecated", UserWarning)


def test_nothing_deprecated():
    logging.get_logger("transformers.models.old").warning_once("some weights are new")
    warnings.warn("slow", UserWarning)


def test_between_a_library_and_compiled_code():
    DPMSolverMultistepScheduler().set_timesteps(4)


def test_between_libraries():
    peft_calls_torch.old(torch_speaks)
"""


def test_deprecated_calls_fail(tmp_path: Path) -> None:
    made = tmp_path / "examples.py"  # a module of ours, by its name
    made.write_text(CALLS)
    settings = ["-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, "-rA", "--tb=no", str(made)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    told = re.findall(r"^(FAILED|ERROR) \S*::(test_\w+)", done.stdout, re.MULTILINE)
    assert set(told) == {
        ("FAILED", "test_blamed_on_us"),
        ("FAILED", "test_by_diffusers"),
        ("ERROR", "test_blamed_on_itself"),
        ("ERROR", "test_in_a_log"),
        ("ERROR", "test_in_a_fixture"),
        ("ERROR", "test_in_words"),
    }, done.stdout[-3000:] + done.stderr[-2000:]
