"""A lock that a dead process does not keep: one writer at a time, the second is told who the first is.

Locks are the system's (`flock`): they end with their process, and hold between machines where a shared file system passes them
on (NFS on Linux does). Where a file system has none, the holder's process number in the file stands for it: a process that lives
on this machine keeps others out, one of another machine does not.
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.utils.masked import masked

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

HELD = (errno.EWOULDBLOCK, errno.EACCES)
"""What a lock that another process holds is refused with; any other error is a file system without locks."""

PAUSE = 0.05
"""Seconds between two tries."""

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""A lock is never what a link stands for."""

FOREVER = float("inf")

SHOWN = 160
"""Characters of the holder's command that are kept."""

_HOLDER = re.compile(r"process (\d+) of (\S+)")


class Lock:
    """Held from `take` to `release`, or to the end of the process, however it ends.

    Args:
        path: file that stands for what is locked; made, with its folder, and removed when released.
        what: is locked, for the message.

    Attributes:
        works: whether all others are kept out: false where the system (Windows) or the file system has no locks.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        self.works = True
        self._file: int | None = None

    def take(self, wait: float = 0.0) -> None:
        """Take the lock.

        Args:
            wait: seconds to wait for a process that holds it.

        Raises:
            MateError: another process holds it.
            OSError: the file cannot be made.
        """
        end = time.monotonic() + wait
        while not self._try():
            if time.monotonic() >= end:
                raise MateError(
                    f"{self.what} is being written by {self.holder()}. Wait until it ends, end it, or choose another place."
                )
            time.sleep(PAUSE)

    def holder(self) -> str:
        """Who holds it, as far as that is known."""
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                return file.readline(4 * SHOWN).strip() or "another process"
        except OSError:
            return "another process"

    def release(self) -> None:
        """Let others in, and leave no file behind."""
        if self._file is None:
            return
        # First the name, then the lock: whoever waits for it sees that it is gone, and makes a new one.
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None

    def _try(self) -> bool:
        """Take it, unless another process holds it."""
        while True:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                file = self._open()
            except FileNotFoundError:
                # Whoever let go of it has removed its folder since.
                continue
            try:
                self.works = locked(file)
            except BlockingIOError:
                os.close(file)
                return False
            if self._still_there(file) and (self.works or not self._lives()):
                break
            if not self.works and self._lives():
                os.close(file)
                return False
            # Whoever held it removed the file after we opened it.
            os.close(file)
        self._file = file
        # On a full disk the lock holds, only its holder's name is lost.
        with suppress(OSError):
            os.truncate(file, 0)
            os.write(file, f"process {os.getpid()} of {os.uname().nodename} ({_command()})\n".encode())
        return True

    def _open(self) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o666)
        except PermissionError:
            if not os.path.lexists(self.path):
                raise
        # Another user's: to wait for its end it need not be written.
        return os.open(self.path, os.O_RDONLY | NO_LINK)

    def _lives(self) -> bool:
        """Whether whoever is named in the file is another process of this machine, and runs."""
        named = _HOLDER.match(self.holder())
        if named is None or named[2] != os.uname().nodename or int(named[1]) == os.getpid():
            return False
        try:
            os.kill(int(named[1]), 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            return True
        return True

    def _still_there(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), self.path.stat())
        except FileNotFoundError:
            return False


@contextmanager
def abandoned(path: Path) -> Iterator[bool]:
    """Whether the file of a lock is there and nobody holds it; for the block it is kept from others."""
    try:
        file = os.open(path, os.O_RDWR | NO_LINK)
    except OSError:
        yield False
        return
    try:
        yield _free(file)
    finally:
        os.close(file)


def _command() -> str:
    """This process's, as it was typed."""
    program, *words = sys.argv or ["python"]
    said = masked(shlex.join([os.path.basename(program), *words]))
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}…"


def _free(file: int) -> bool:
    try:
        return locked(file)
    except BlockingIOError:
        return False


def locked(file: int) -> bool:
    """Lock an open file; whether there are locks on this system.

    Raises:
        BlockingIOError: another process holds it.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            raise BlockingIOError(error.errno, "held by another process") from error
        return False
    return True
