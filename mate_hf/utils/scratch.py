"""Temporary folders that a process which was ended does not leave for ever: the next one that needs any clears them away."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.utils.endings import undisturbed
from mate_hf.utils.locks import abandoned, locked
from mate_hf.utils.terminal import note

PREFIX = "mate-"
LOCK = ".mate-lock"


class ScratchFolder:
    """A new folder, locked until it is removed, or to the end of the process.

    Args:
        purpose: its name begins with `mate-` and this.
        what: will lie in it, for the message.
        parent: where; by default the system's folder for temporary files.

    Raises:
        MateError: it cannot be made.
    """

    def __init__(self, purpose: str, what: str = "temporary files", parent: str | Path | None = None) -> None:
        where = Path(tempfile.gettempdir() if parent is None else parent)
        try:
            where.mkdir(parents=True, exist_ok=True)
            clear_abandoned(where)
            self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-", dir=where))
            # Locked before it has its name: whoever finds it by that finds it locked.
            unnamed = self.path / f"{LOCK}.new"
            self._lock = os.open(unnamed, os.O_RDWR | os.O_CREAT, 0o600)
            locked(self._lock)
            unnamed.rename(self.path / LOCK)
        except OSError as error:
            raise MateError(
                f"cannot keep {what} in {where}: {error.strerror}. Free some room, or choose another folder: TMPDIR."
            ) from error

    def remove(self) -> None:
        """Remove it with all that is in it."""
        with undisturbed():
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)


@contextmanager
def scratch_folder(purpose: str) -> Iterator[Path]:
    """A temporary folder for the time of a `with` block."""
    scratch = ScratchFolder(purpose)
    try:
        yield scratch.path
    finally:
        scratch.remove()


def clear_abandoned(where: Path) -> None:
    """Remove this user's scratch folders whose processes are no more, and say so."""
    removed = 0
    for folder in where.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.getuid():
                continue
            with abandoned(folder / LOCK) as nobody_is_there:
                if nobody_is_there:
                    shutil.rmtree(folder, ignore_errors=True)
                    removed += 1
    if removed:
        what = "a temporary folder" if removed == 1 else f"{removed} temporary folders"
        note(f"removed {what} in {where}, left by processes that were ended.")
