"""Two commands that would write one output: the second is refused before it works, and told who the first is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.utils import locks
from mate_hf.utils.locks import Lock
from mate_hf.utils.results import WORDS, Results
from tests.utils.processes import run_python

MEASURES = """
import sys, time
from mate_hf.utils.results import WORDS, Results
kept = Results(sys.argv[1], WORDS)
print("measures", flush=True)
time.sleep(60)
"""


def measuring(out: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", MEASURES, str(out)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"measures\n"
    return process


def test_of_two_measurements_for_one_file_the_second_does_not_begin(tmp_path: Path) -> None:
    out = tmp_path / "words.json"
    first = measuring(out)
    with pytest.raises(MateError) as refused:
        Results(out, WORDS)
    for said in (
        str(out),
        f"process {first.pid} of {os.uname().nodename}",
        "(-c ",
        "Wait until it ends, end it",
    ):
        assert said in str(refused.value)
    first.send_signal(signal.SIGKILL)
    first.wait()
    Results(out, WORDS).keep({"new": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["words.json"]


def test_a_measurement_that_fails_lets_go(tmp_path: Path) -> None:
    code = f"""
from mate_hf.utils.results import WORDS, Results
kept = Results({str(tmp_path / "out.json")!r}, WORDS)
raise SystemExit(1)
"""
    assert run_python(code).returncode == 1
    assert not list(tmp_path.iterdir())
    kept = Results(tmp_path / "out.json", WORDS)
    del kept
    assert not list(tmp_path.iterdir())


def test_a_failed_call_whose_traceback_is_kept_does_not_keep_the_next_one_out(tmp_path: Path) -> None:
    failed = Results(tmp_path / "out.json", WORDS)
    Results(tmp_path / "out.json", WORDS).keep({"new": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
    with pytest.raises(MateError, match="holds no results"):
        failed.keep({"late": 1})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(MateError, match="cannot write"):
        Results(tmp_path / "out.json", WORDS)


def test_a_place_that_cannot_be_is_said_before_the_work() -> None:
    with pytest.raises(MateError, match=r"cannot write /proc/out\.json"):
        Results("/proc/out.json", WORDS)


def test_a_command_is_named_and_never_endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/mate", "prepare", "a b", "x" * 1000])
    lock = Lock(tmp_path / "lock", "it")
    lock.take()
    assert "(mate prepare 'a b' xxx" in lock.holder()
    assert len(lock.holder()) < 300
    lock.release()


def test_without_locks_a_living_process_of_this_machine_keeps_others_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    here = os.uname().nodename
    living = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    path = tmp_path / "lock"
    path.write_text(f"process {living.pid} of {here} (mate prepare)\n")
    with pytest.raises(MateError, match=rf"process {living.pid} of .*mate prepare"):
        Lock(path, "it").take()
    for other in (f"process {living.pid} of elsewhere", "process 99999999999999999999 of " + here, "\0", ""):
        path.write_text(other)
        lock = Lock(path, "it")
        lock.take()
        assert not lock.works
        lock.release()
        assert not path.exists()
    living.communicate()
    path.write_text(f"process {living.pid} of {here} (mate prepare)\n")
    lock = Lock(path, "it")
    lock.take()
    lock.release()
