"""One at a time, and a dead process holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.utils.locks import Lock

HOLD = "import sys, time; from pathlib import Path; from mate_hf.utils.locks import Lock; lock = Lock(Path(sys.argv[1]), 'it'); lock.take(); print('held', flush=True); time.sleep(60)"


def test_a_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock", "run r"), Lock(tmp_path / "lock", "run r")
    first.take()
    with pytest.raises(MateError, match=rf"run r is being written by process {os.getpid()} of"):
        second.take()
    first.release()
    second.take()
    second.release()
    assert not list(tmp_path.iterdir())


def test_a_killed_process_keeps_no_lock(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(MateError, match=f"process {holder.pid}"):
        Lock(tmp_path / "lock", "it").take()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    lock = Lock(tmp_path / "lock", "it")
    lock.take()
    lock.release()
    assert not list(tmp_path.iterdir())
