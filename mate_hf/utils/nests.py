"""Where an output is made before it takes its place: a hidden folder beside it, locked. A process that is ended leaves it
behind; whoever comes next puts things back and clears it away."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.utils.endings import undisturbed
from mate_hf.utils.locks import Lock
from mate_hf.utils.terminal import note
from mate_hf.utils.write_errors import HIDDEN, REMEDIES, failed_write

LOCK, NEW, OLD, SCRATCH, SCRAP = "lock", "new", "replaced", "scratch", "scrap"

GRACE = 2.0
"""Seconds to wait for a writer of the same target: a settings file is written in less, a corpus is not."""


@dataclass(frozen=True)
class Nest:
    """The hidden folder of one target, while this process holds it.

    Attributes:
        fresh: where the new file or folder is made; it has the target's name.
        old: where what is replaced waits until the new stands.
    """

    target: Path
    folder: Path

    @property
    def fresh(self) -> Path:
        return self.folder / NEW / self.target.name

    @property
    def old(self) -> Path:
        return self.folder / OLD / self.target.name


def scratch_beside(fresh: Path) -> Path:
    """A folder for what is needed on the way alone, in the nest in which `fresh` is made; it may not exist yet."""
    return fresh.parents[1] / SCRATCH


@contextmanager
def nest_of(target: str | Path, wait: float | None = None) -> Iterator[Nest]:
    """The target's nest, this process's alone.

    What a process that was ended left in it is put back or cleared away, and said. Where the system or the file system has no
    locks, that is said: nests are apart then, but nobody is kept out, and what is left behind stays.

    Args:
        wait: seconds to wait for a process that is writing the same target; None: `GRACE`.

    Raises:
        MateError: another process is writing it, or its folder cannot be written.
    """
    target = standing(target)
    folder = _folder(target)
    lock = Lock(folder / LOCK, str(target))
    nest = None
    try:
        try:
            _require_place(target, folder)
            lock.take(GRACE if wait is None else wait)
            nest = Nest(target, folder if lock.works else Path(tempfile.mkdtemp(dir=folder)))
        except OSError as error:
            raise _cannot_write(target, error) from error
        _make_ready(nest, lock.works)
        yield nest
    finally:
        with undisturbed():
            if nest is not None:
                _clear(nest.folder)
            lock.release()
            # Where another process has made its own lock there since, the folder is not empty and stays.
            for emptied in [folder] if nest is None else [nest.folder, folder]:
                with suppress(OSError):
                    emptied.rmdir()


LONGEST_NAME = 240
"""Bytes; file systems take 255, and hidden folders beside a target have its name and some more."""


def heal(target: str | Path) -> None:
    """Put back what a process that was ended between two renames left without its name; for readers, who find nothing there."""
    if "\0" in str(target) or _is_too_long(Path(target).name):
        return
    target = standing(target)
    if os.path.lexists(target) or not os.path.lexists(Nest(target, _folder(target)).old):
        return
    # Of a writer that lives, or in a folder that this user may not write, it is not there for us.
    with suppress(MateError), nest_of(target):
        pass


def clear_nests(folder: Path) -> None:
    """Put back or clear away what ended processes left of all that they were writing in a folder; living ones keep theirs."""
    for left in sorted(folder.glob(f".*{HIDDEN}")):
        name = left.name[1 : -len(HIDDEN)]
        # Nobody writes these: `standing` gives them a name of their own.
        if name not in ("", ".", ".."):
            clear_nest(left.with_name(name))


def clear_nest(target: Path) -> None:
    """The same of one; a whole target that nobody will write again has nobody else who would."""
    if os.path.lexists(_folder(target)):
        with suppress(MateError), nest_of(target, wait=0):
            pass


def standing(target: str | Path) -> Path:
    """A path with a name of its own: `.` and `..` under theirs.

    Raises:
        MateError: the root of the file system, or a name that is too long or none.
    """
    if "\0" in str(target):
        raise MateError(f"{str(target)!r}: holds a null character, which no path may.")
    path = Path(target).absolute()
    path = path.resolve() if path.name in ("", "..") else path
    if not path.name:
        raise MateError(
            f"{target}: the root of the file system cannot be written as a whole. Name a folder in it."
        )
    if _is_too_long(path.name):
        raise MateError(
            f"{path.name[:40]}…: a name of {len(os.fsencode(path.name))} bytes; expected at most {LONGEST_NAME}. Choose a shorter one."
        )
    return path


def _is_too_long(name: str) -> bool:
    return len(os.fsencode(name)) > LONGEST_NAME


def _folder(target: Path) -> Path:
    return target.with_name(f".{target.name}{HIDDEN}")


def _require_place(target: Path, folder: Path) -> None:
    what = "a link" if folder.is_symlink() else "no folder"
    if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
        raise MateError(f"{folder} is {what}, and no place to write {target} in. Remove it.")


def _make_ready(nest: Nest, locks_work: bool) -> None:
    try:
        # Another user's may be waited for and not written in.
        if not os.access(nest.folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if locks_work:
            _settle(nest)
        else:
            _say_that_nobody_is_kept_out(nest.target.parent)
        nest.fresh.parent.mkdir()
        nest.old.parent.mkdir()
    except OSError as error:
        raise _cannot_write(nest.target, error) from error


def _cannot_write(target: Path, error: OSError) -> MateError:
    folder = _folder(target)
    with suppress(OSError):
        if isinstance(error, PermissionError) and folder.stat().st_uid != os.geteuid():
            return MateError(
                f"cannot write {target}: {folder} is another user's, whose process was ended while it wrote there. Let them remove it, or "
                "choose another place."
            )
    found = failed_write(error)
    if found is not None and error.errno in REMEDIES:
        return MateError(f"cannot write {target}: {found.reason}. {found.remedy}")
    return MateError(f"cannot write {target}: {error}. Choose a folder that can be written.")


def _settle(nest: Nest) -> None:
    """What lies in a nest that nobody held: old content to its place where that is empty, the rest away."""
    if not any(entry.name != LOCK for entry in nest.folder.iterdir()):
        return
    if os.path.lexists(nest.old) and not os.path.lexists(nest.target):
        os.rename(nest.old, nest.target)
        note(f"{nest.target} is back: a process that was ended while replacing it had set it aside.")
    else:
        note(f"cleared away what a process that was ended left beside {nest.target}.")
    _clear(nest.folder)


def _clear(folder: Path) -> None:
    """Everything but the lock. What was replaced loses its name first: half of it must never be taken for the whole."""
    with suppress(OSError):
        shutil.rmtree(folder / SCRAP, ignore_errors=True)
        os.rename(folder / OLD, folder / SCRAP)
    with suppress(OSError):
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != LOCK:
                entry.unlink(missing_ok=True)


@cache
def _say_that_nobody_is_kept_out(folder: Path) -> None:
    note(
        f"{folder}: no file locks there. Two processes of different machines that write the same path at once are not kept apart."
    )
