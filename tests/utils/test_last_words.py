"""Commands end with a line, whatever the system refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.utils.last_words import in_a_line, last_words


def raised(block: str, **known: object) -> BaseException:
    with pytest.raises(BaseException) as caught:
        exec(block, {"np": np, "torch": torch, "os": os, **known})
    return caught.value


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("open('x' * 300)", "xxxx…: a name of 300 bytes is too long"),
        ("open('/y' * 3000)", "/y/y…: a path of 6000 bytes is too long"),
        ("open('/proc/1/mem/x')", "/proc/1/mem/x: Not a directory. Check the path"),
        ("os.mkdir(b'/proc/x')", "/proc/x: No such file or directory"),
        ("np.zeros(10**15)", "out of memory: Unable to allocate"),
        ("torch.zeros(10**14)", "out of memory: "),
        ("raise MemoryError", "out of memory: it was not said for what. Choose smaller"),
    ],
)
def test_what_the_system_refuses_is_a_line(block: str, said: str) -> None:
    line = in_a_line(raised(block))
    assert line is not None
    assert said in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "block", ["1 / 0", "raise OSError('of no file')", "raise RuntimeError('a fault of ours')"]
)
def test_a_fault_of_ours_keeps_its_traceback(block: str) -> None:
    error = raised(block)
    assert in_a_line(error) is None
    with pytest.raises(type(error)), last_words():
        raise error


def test_what_others_wrapped_is_found() -> None:
    wrapped = ValueError("while generating")
    wrapped.__cause__ = raised("open('y' * 300)")
    assert "too long" in (in_a_line(wrapped) or "")


def test_bad_input_exits_with_1_and_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, last_words():
        raise MateError("data: nowhere.")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "error: data: nowhere.\n"


def test_ctrl_c_exits_as_shells_expect(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, last_words():
        raise KeyboardInterrupt
    assert ended.value.code == 130
    assert "stopped by Ctrl-C" in capsys.readouterr().err


SLEEPER = """
import os, sys, time
from mate_hf.utils.last_words import last_words
from mate_hf.utils.scratch import scratch_folder
with last_words(), scratch_folder("test") as folder:
    read, write = os.pipe()
    child = os.fork() if sys.argv[1] == "fork" else -1
    if child == 0:
        # Python forgets signals that come while it forks.
        os.write(write, b"ready")
        time.sleep(60)
    print(child, flush=True)
    if child > 0:
        os.read(read, 5)
        os.kill(child, 15)
        print(os.waitpid(child, 0)[1], flush=True)
    time.sleep(60)
"""


def started(tmp_path: Path, how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SLEEPER, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )


def test_sigterm_leaves_nothing_behind(tmp_path: Path) -> None:
    process = started(tmp_path, "alone")
    assert process.stdout is not None
    process.stdout.readline()
    assert len(list(tmp_path.iterdir())) == 1
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 143
    assert said.startswith("error: stopped by SIGTERM.")
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


def test_a_second_signal_leaves_nothing_behind(tmp_path: Path) -> None:
    """`timeout` tells a process by itself and by its group."""
    process = started(tmp_path, "alone")
    assert process.stdout is not None
    process.stdout.readline()
    for folder in tmp_path.iterdir():
        for number in range(3000):
            (folder / str(number)).touch()
    for _ in range(5):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.01)
    _, said = process.communicate(timeout=30)
    # A late one may meet the interpreter on its way out; a shell sees 143 either way.
    assert process.returncode in (143, -signal.SIGTERM)
    assert said.count("error: stopped by SIGTERM.") == 1
    assert not list(tmp_path.iterdir())


def test_a_forked_process_ends_by_the_signal_alone(tmp_path: Path) -> None:
    process = started(tmp_path, "fork")
    assert process.stdout is not None
    process.stdout.readline()
    assert int(process.stdout.readline()) == signal.SIGTERM
    assert len(list(tmp_path.iterdir())) == 1, "it cleared away what is its parent's"
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert said.count("stopped by SIGTERM") == 1


def test_the_signal_is_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with last_words():
        assert signal.getsignal(signal.SIGTERM) is not before
        time.sleep(0)
    assert signal.getsignal(signal.SIGTERM) is before
