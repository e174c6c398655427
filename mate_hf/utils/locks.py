"""A lock that a dead process does not keep: one writer at a time, the second is told who the first is."""

from __future__ import annotations

import os
from io import TextIOWrapper
from pathlib import Path

from mate_hf.errors import MateError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Lock:
    """Held from `take` to `release`, or to the end of the process, however it ends.

    Args:
        path: file that stands for what is locked; made, and removed when released.
        what: is locked, for the message.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        self._file: TextIOWrapper | None = None

    def take(self) -> None:
        """Take the lock. Where the system has no file locks (Windows) nothing is locked.

        Raises:
            MateError: another process holds it.
        """
        while self._file is None:
            file = self.path.open("a+", encoding="utf-8")
            if fcntl is None:
                self._file = file
                return
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                holder = file.read().strip() or "another process"
                file.close()
                raise MateError(
                    f"{self.what} is being written by {holder}. Wait until it ends, or end it."
                ) from None
            # Whoever held it may have removed the file after we opened it.
            if self._still_there(file):
                self._file = file
            else:
                file.close()
        self._file.truncate(0)
        self._file.write(f"process {os.getpid()} of {os.uname().nodename}\n")
        self._file.flush()

    def release(self) -> None:
        """Let others in, and leave no file behind."""
        if self._file is not None:
            self.path.unlink(missing_ok=True)
            self._file.close()
            self._file = None

    def _still_there(self, file: TextIOWrapper) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False
