"""Programs that this process starts and never leaves running."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from mate_hf.utils.endings import ENDS_WITH, Asked

PATIENCE = 120.0
"""Seconds that a child has to end by itself: a training finishes its step and writes a checkpoint."""


def run_child(
    command: Sequence[str],
    output: IO[str] | None,
    patience: float = PATIENCE,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Run a program of ours to its end.

    What asks this process for an end (Ctrl-C, or a signal that `signals_raised` makes an exception of) is passed on to the
    child, which is waited for and killed with its group where it takes too long. On Linux the child ends, too, when this
    process is killed.

    Args:
        output: file of what it says; None: where this process speaks.
        patience: seconds to wait for a child that was asked to end.

    Returns:
        Its exit status, negative where a signal killed it.

    Raises:
        OSError: it cannot be started.
    """
    child = subprocess.Popen(
        command,
        stdout=output,
        stderr=output,
        env={**environment, ENDS_WITH: str(os.getpid())},
        # A session of its own: a terminal's Ctrl-C reaches it once, from here, and its group can be killed.
        start_new_session=True,
    )
    try:
        return child.wait()
    except (KeyboardInterrupt, Asked) as asked:
        child.send_signal(asked.number if isinstance(asked, Asked) else signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience)
        raise
    finally:
        _kill_group(child)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Whatever is left of it: nothing, where it ended by itself."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
