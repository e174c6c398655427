"""Which exceptions say that a disk is full or cannot be written, whatever library wrote, and what to do."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass

from safetensors import SafetensorError

from mate_hf.errors import MateError
from mate_hf.utils.reasons import causes, reason

SAID = re.compile(
    r"os error \d+|Os \{ code: \d+|I/O error|No space left|PytorchStreamWriter|inline_container|file write failed|database or disk is full",
    re.I,
)
"""How the libraries that wrap the system's error in words of their own pass it on: safetensors, tokenizers, PyTorch, SQLite."""

WRAPPERS = (SafetensorError, RuntimeError)

NUMBER = re.compile(r"(?:os error |Os \{ code: |\[Errno )(\d+)")
"""Of the system's error; safetensors 0.5 shows it as Rust does to its programmers."""

SHORT = re.compile(r"\d+ requested and \d+ written")
"""What numpy says, which passes on no number."""

PART = re.compile(r"PytorchStreamWriter|inline_container|file write failed")
"""PyTorch, in words that speak of its own code."""

_ROOM = "Free some room there, or choose a place on another disk."
_PLACE = "Choose a place that can be written."
REMEDIES = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: "Remove some files of yours there, or choose a place on another disk.",
    errno.EFBIG: "Choose a place on a file system that takes larger files.",
    errno.EROFS: _PLACE,
    errno.EACCES: "Mend the rights there, or choose a place that can be written.",
    errno.EPERM: "Mend the rights there, or choose a place that can be written.",
    errno.EIO: "Look after that disk, or choose a place on another one.",
    errno.ESTALE: "Mount that disk again, or choose a place on another one.",
    errno.EMFILE: "Raise the limit of open files (`ulimit -n`).",
}
"""What to do about what keeps a file from being written."""

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.ESTALE)
"""What only a disk says, whatever was called."""

HIDDEN = ".writing"
"""Ending of the folders in which outputs are made, whose names mean nothing to a user."""


@dataclass(frozen=True)
class FailedWrite:
    """Why writing failed, in the system's words, and what to do; each without and with a last stop."""

    reason: str
    remedy: str


def failed_write(error: BaseException) -> FailedWrite | None:
    """Why writing failed; None where the error is of another kind."""
    for link in causes(error):
        said = str(link)
        if isinstance(link, OSError):
            number = _number(said) if link.errno is None else link.errno
            return FailedWrite(_words(number, said, link.filename2 or link.filename), _remedy(number))
        # tokenizers raise bare `Exception`s.
        if (isinstance(link, WRAPPERS) or type(link) is Exception) and SAID.search(said):
            number = _number(said)
            return FailedWrite(_words(number, said, None), _remedy(number))
    return None


def could_not_write(what: object, error: BaseException, kept: str = "") -> MateError:
    """One sentence on what was not written and why, one on what stands, one on what to do.

    Args:
        what: the file or folder that was to be written.
        kept: what is as it was, a whole sentence.
    """
    found = failed_write(error) or FailedWrite(reason(error), _remedy(None))
    return MateError(
        " ".join(filter(None, [f"{what} could not be written: {found.reason}.", kept, found.remedy]))
    )


def is_of_the_disk(error: OSError) -> bool:
    """Whether it says that a disk is full, failing or not to be written, of which the system names no file where a write met it."""
    return (_number(str(error)) if error.errno is None else error.errno) in DISK


def _number(said: str) -> int | None:
    found = NUMBER.search(said)
    if found is not None:
        return int(found[1])
    return errno.ENOSPC if SHORT.search(said) or "disk is full" in said else None


def _words(number: int | None, said: str, name: object) -> str:
    if PART.search(said):
        return "the disk took a part of it alone"
    if number not in REMEDIES:
        return said.splitlines()[0].rstrip(".") if said else "no reason given"
    assert number is not None
    # Names of temporary files say nothing; that of a file which was to be copied does.
    shown = "" if name is None or HIDDEN in str(name) else f": {name}"
    return f"{os.strerror(number)}{shown}"


def _remedy(number: int | None) -> str:
    return REMEDIES.get(number or 0, f"Is the disk full? {_ROOM}")
