"""Standard output and error that outlive a closed pipe, a full disk and a character that their encoding lacks."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

BROKEN_PIPE = 141
"""Exit status of a program whose reader went away: 128 + SIGPIPE, as shells say it."""

_KEPT: list[SteadyStream] = []
"""Loggers hold on to the stream that they met first, and a stream that is collected closes its file."""


class SteadyStream(io.TextIOWrapper):
    """A stream that goes silent where it cannot be written, so that the work behind it comes to its end.

    Attributes:
        failure: what kept it from being written; None while all is well.
    """

    failure: OSError | None = None

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._fall_silent(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._fall_silent(error)

    def _fall_silent(self, error: OSError) -> None:
        self.failure = self.failure or error
        # What waits in the buffer goes where nobody reads it.
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)


@contextmanager
def steady_streams() -> Iterator[None]:
    """Standard output and error as `SteadyStream`s."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = steady(before[0]), steady(before[1])
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


def steady(stream: TextIO | None) -> TextIO:
    """The stream, made steady; a notebook's, which is no file, as it is; nowhere for one that was closed."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, SteadyStream) or not isinstance(stream, io.TextIOWrapper):
        return stream
    with suppress(OSError):
        stream.flush()
    kept = SteadyStream(
        stream.buffer,
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
    )
    _KEPT.append(kept)
    return kept


def failure_of(stream: TextIO) -> OSError | None:
    """What kept a stream from being written."""
    return stream.failure if isinstance(stream, SteadyStream) else None
