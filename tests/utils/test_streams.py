"""No reader that goes away, no full disk and no character ends the work; what went wrong is in the exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WORK = """
import subprocess, sys
from pathlib import Path
from mate_hf.utils.last_words import script
from mate_hf.utils.terminal import Terminal, note
with script():
    print("first")
    print("x" * 100_000)
    sys.stderr.write("x" * 100_000)
    for console in (Terminal(), Terminal(stderr=True)):
        for number in range(3000):
            console.print(f"line {number} ± é")
    note("a note")
    subprocess.run([sys.executable, "-c", "print('child', flush=True)"], check=True)
    print("bare é", flush=True)
    Path(sys.argv[1]).write_text("done")
"""


def work(folder: Path, redirected: str, **environment: str) -> tuple[int, str]:
    """Do the work in a shell; its exit code, and what the shell's own standard output holds."""
    command = f'"$PYTHON" -c "$WORK" "$DONE" {redirected}; echo "code ${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command],
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "WORK": WORK,
            "DONE": str(folder / "done"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    *said, code = done.stdout.splitlines()
    assert "Traceback" not in done.stdout + done.stderr
    assert "Error" not in done.stderr
    return int(code.removeprefix("code ")), "\n".join(said)


@pytest.mark.parametrize(
    "redirected",
    [
        "2>/dev/null | head -1",
        "2>&1 >/dev/null | head -1",
        "2>&1 | true",
        ">/dev/full",
        "2>/dev/full >/dev/null",
        ">&- 2>/dev/null",
        "2>&- >/dev/null",
    ],
)
def test_the_work_is_done_whoever_reads(tmp_path: Path, redirected: str) -> None:
    assert work(tmp_path, redirected)[0] == 0
    assert (tmp_path / "done").read_text() == "done"


def test_an_ascii_terminal_reads_spelled_lines(tmp_path: Path) -> None:
    code, said = work(tmp_path, "2>/dev/null", PYTHONIOENCODING="ascii")
    assert code == 0
    assert said.splitlines()[2] == "line 0 +- \\xe9"
    assert said.splitlines()[-1] == "bare \\xe9"
