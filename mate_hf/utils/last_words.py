"""How a command ends that could not do its work: one line on standard error, and the exit status that shells expect.

What can be told beforehand is told where it is read, with its name. Here is what only the system knows: a path that it does not
take, memory that it does not have, somebody who wants an end.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from mate_hf.errors import MateError
from mate_hf.utils.endings import Asked, end_with_parent, signals_raised
from mate_hf.utils.reasons import causes
from mate_hf.utils.streams import steady_streams
from mate_hf.utils.terminal import calm_progress_bars, say_error
from mate_hf.utils.write_errors import DISK, REMEDIES, failed_write, is_of_the_disk

SIGNALLED = 128
"""Exit status of a program that a signal ended, less the signal's number: as shells say it."""

WHOLE = "What is under its final name is whole."

LONGEST = 255
"""Bytes of a name that file systems take; a path of short ones is too long as a whole."""

SHOWN = 60
"""Characters of a path that is too long."""

ALLOCATORS = re.compile(
    r"can't allocate memory|out of memory|Unable to allocate|malloc of size|cannot allocate", re.I
)


@contextmanager
def script() -> Iterator[None]:
    """A script of `training/`: calm bars, and an error of ours as one message and exit status 1."""
    end_with_parent()
    with steady_streams():
        calm_progress_bars()
        with last_words():
            yield


@contextmanager
def last_words() -> Iterator[None]:
    """End with a line where the block raises what is no fault of this program; anything else passes."""
    try:
        with signals_raised():
            yield
    except MateError as error:
        _end(str(error), 1)
    except KeyboardInterrupt as error:
        said = str(error.args[0]) if error.args else f"stopped by Ctrl-C. {WHOLE}"
        _end(said, SIGNALLED + signal.SIGINT)
    except Asked as asked:
        said = f"stopped by {signal.Signals(asked.number).name}. {WHOLE}"
        _end(said if asked.line is None else asked.line, SIGNALLED + asked.number)
    except Exception as error:
        line = in_a_line(error)
        if line is None:
            raise
        _end(line, 1)


def in_a_line(error: BaseException) -> str | None:
    """What the system said no to, and what to do; None where the error is of another kind.

    An error that others were raised from counts, too: libraries wrap what their workers met.
    """
    return next((line for link in causes(error) if (line := _said_no(link)) is not None), None)


def _said_no(error: BaseException) -> str | None:
    if isinstance(error, MateError):
        return str(error)
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ALLOCATORS.search(str(error)) is not None
    ):
        said = str(error).splitlines()[0] if str(error) else "it was not said for what"
        return (
            f"out of memory: {said[:200]}. Choose smaller sizes or batches, fewer processes, or less at once."
        )
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        path = (
            os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else str(error.filename)
        )
        if error.errno == errno.ENAMETOOLONG:
            longest = max(len(os.fsencode(part)) for part in path.split(os.sep))
            what = f"name of {longest}" if longest > LONGEST else f"path of {len(os.fsencode(path))}"
            return f"{path[:SHOWN]}…: a {what} bytes is too long for the file system. Check the path."
        if error.errno in DISK:
            return f"{path}: {error.strerror}. {REMEDIES[error.errno]} {WHOLE}"
        return f"{path}: {error.strerror}. Check the path and its rights."
    # What a write or a close met: it knows no name.
    if isinstance(error, OSError) and is_of_the_disk(error):
        found = failed_write(error)
        assert found is not None
        return f"a file could not be written: {found.reason}. {found.remedy} {WHOLE}"
    return None


def _end(line: str, status: int) -> NoReturn:
    if line:
        say_error(MateError(line))
    sys.exit(status)
