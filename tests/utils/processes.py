"""Python processes that a test ends, or that it watches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

KILLED_AT = """
import os, signal, sys
def watch(event, arguments):
    if event == {event!r} and os.fsdecode(arguments[{which}]).endswith({ending!r}):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
"""


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program, as a process of its own."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def killed_when_renaming(code: str, ending: str, source: bool = False) -> None:
    """Run a program that is killed just before it renames something to (or from) a path that ends so."""
    watch = KILLED_AT.format(event="os.rename", which=0 if source else 1, ending=ending)
    done = run_python(watch + code)
    assert done.returncode == -signal.SIGKILL, done.stderr


SIGNALLED_AT = """
import os, sys
signals = {signals!r}
def watch(event, arguments):
    if event == {event!r} and os.fsdecode(arguments[0]).endswith({ending!r}):
        while signals:
            os.kill(os.getpid(), signals.pop(0))
sys.addaudithook(watch)
from mate_hf.utils.last_words import last_words
with last_words():
    {code}
"""


def signalled_at(event: str, ending: str, code: str, *signals: int) -> subprocess.CompletedProcess[str]:
    """Run a program as a command that gets signals just before it does something with a path that ends so.

    Args:
        event: of Python's audit hooks.
    """
    within = "\n    ".join(code.strip().splitlines())
    return run_python(
        SIGNALLED_AT.format(signals=[int(one) for one in signals], event=event, ending=ending, code=within)
    )


def write_folder(target: Path, content: str, overwrite: bool = True) -> str:
    """A program that writes a folder with one file."""
    return f"""
from mate_hf.utils.files import written_whole
with written_whole({str(target)!r}, {overwrite}) as fresh:
    fresh.mkdir()
    (fresh / "file").write_text({content!r})
"""
