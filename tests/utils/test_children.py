"""Whoever starts programs leaves none running, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mate_hf.utils.children import run_child


@pytest.fixture(autouse=True)
def heeds_ctrl_c() -> Iterator[None]:
    """A shell that starts tests in the background has them ignore it, and so do their children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


CHILD = """
import os, signal, sys, time
from mate_hf.utils.last_words import script
with script():
    if sys.argv[1] == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(os.getpid(), os.environ.get("MATE_ENDS_WITH"), flush=True)
    try:
        time.sleep(60)
    finally:
        time.sleep(0.5)
        print("tidy", flush=True)
"""

PARENT = """
import sys
from mate_hf.utils.children import run_child
from mate_hf.utils.last_words import script
with script(), open(sys.argv[1], "w") as output:
    run_child([sys.executable, "-c", sys.argv[2], sys.argv[3]], output, patience=float(sys.argv[4]))
"""


def started(log: Path, how: str = "willing", patience: float = 30) -> tuple[subprocess.Popen[str], int]:
    """A parent, and its child's pid."""
    command = [sys.executable, "-c", PARENT, str(log), CHILD, how, str(patience)]
    parent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: log.is_file() and log.read_text().endswith("\n"))
    pid, inherited = log.read_text().split()
    assert inherited == "None", "its own children would end with the wrong process"
    return parent, int(pid)


def wait_for(happened: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        os.kill(pid, 0)
        return status.is_file() and "zombie" in status.read_text()
    # The latter where it goes while it is looked at.
    except (ProcessLookupError, FileNotFoundError):
        return True


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_is_passed_on_and_the_end_waited_for(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    parent, child = started(tmp_path / "log")
    parent.send_signal(number)
    _, said = parent.communicate(timeout=60)
    assert parent.returncode == status
    assert "Traceback" not in said
    assert is_gone(child)
    log = (tmp_path / "log").read_text()
    assert "tidy" in log
    assert ("Ctrl-C" if number == signal.SIGINT else number.name) in log


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    parent, child = started(tmp_path / "log", "deaf", patience=0.5)
    parent.send_signal(signal.SIGTERM)
    parent.communicate(timeout=30)
    assert parent.returncode == 143
    assert is_gone(child)
    assert "tidy" not in (tmp_path / "log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels tell a child nothing")
def test_a_child_of_a_killed_parent_is_asked_to_end(tmp_path: Path) -> None:
    parent, child = started(tmp_path / "log")
    parent.kill()
    parent.communicate(timeout=30)
    wait_for(lambda: is_gone(child))
    assert "tidy" in (tmp_path / "log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels tell a child nothing")
def test_a_child_whose_parent_is_gone_already_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATE_ENDS_WITH", "1")
    done = subprocess.run([sys.executable, "-c", CHILD, "willing"], capture_output=True, text=True)
    assert done.returncode == 143
    assert not done.stdout


def test_its_status_is_given(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as output:
        assert run_child([sys.executable, "-c", "print('said'); exit(3)"], output) == 3
        assert run_child([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], output) == -9
    assert (tmp_path / "log").read_text() == "said\n"


POOL = """
import os, time
from mate_hf.utils.workers import ordered_map
def pid(item):
    print(os.getpid(), flush=True)
    time.sleep(0.1)
    return item
if __name__ == "__main__":
    with ordered_map(2, share=1) as shared:
        list(shared(pid, range(6)))
        print("ready", flush=True)
        time.sleep(60)
"""


def test_workers_that_wait_end_with_a_killed_parent(tmp_path: Path) -> None:
    (tmp_path / "pool.py").write_text(POOL)
    with (tmp_path / "log").open("w") as output:
        parent = subprocess.Popen([sys.executable, str(tmp_path / "pool.py")], stdout=output)
    wait_for(lambda: "ready" in (tmp_path / "log").read_text())
    workers = {int(pid) for pid in (tmp_path / "log").read_text().split() if pid != "ready"}
    assert workers
    assert parent.pid not in workers
    parent.kill()
    parent.wait()
    wait_for(lambda: all(map(is_gone, workers)))
