"""Calls of ours that libraries will drop, told by a warning or in a log; what one library does with another is not ours."""

from __future__ import annotations

import linecache
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

LIBRARIES = (
    "torch",
    "transformers",
    "datasets",
    "diffusers",
    "accelerate",
    "peft",
    "huggingface_hub",
    "numpy",
)
OURS = ("mate_hf", "tests", "benchmarks", "examples", "transformers_modules")
_CATEGORIES = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
_BETWEEN = ("warnings", "logging", "functools", "contextlib", "typing_extensions", "importlib")
"""Modules that pass a call on."""


class Deprecations(logging.Handler):
    """Keeps what libraries say of calls that come from our lines."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Of a log."""
        if "deprecat" in record.getMessage().lower():
            self._keep(record.getMessage(), sys._getframe(1))

    @contextmanager
    def logs(self) -> Iterator[Deprecations]:
        loggers = [logging.getLogger(name) for name in LIBRARIES]
        for logger in loggers:
            logger.addHandler(self)
        try:
            yield self
        finally:
            for logger in loggers:
                logger.removeHandler(self)

    @contextmanager
    def warnings(self) -> Iterator[None]:
        """What is shown meanwhile; what a test catches itself is not."""
        before, show = warnings.showwarning, warnings._showwarnmsg_impl  # type: ignore[attr-defined]

        def heard(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            told = issubclass(category, _CATEGORIES) or "deprecat" in str(message).lower()
            if told and not _by_compiled_code(filename, lineno):
                self._keep(f"{category.__name__}: {message}", sys._getframe(1))
            show(warnings.WarningMessage(message, category, filename, lineno, file, line))

        warnings.showwarning = heard
        try:
            yield
        finally:
            warnings.showwarning = before

    def taken(self) -> list[str]:
        """What was said since this was last asked."""
        said, self._said = self._said, []
        return said

    def _keep(self, message: str, frame: FrameType | None) -> None:
        caller = _caller(frame)
        if caller is not None and _package(caller) in OURS:
            self._said.append(f"{caller.f_code.co_filename}:{caller.f_lineno}: {message}")


def _by_compiled_code(filename: str, lineno: int) -> bool:
    """Whether a library's line is blamed that warns of nothing itself: what it called there is between it and the compiled code."""
    line = linecache.getline(filename, lineno).lower()
    parts = Path(filename).parts
    return bool(line) and "warn" not in line and "deprecat" not in line and "site-packages" in parts


def _caller(frame: FrameType | None) -> FrameType | None:
    """Who called the library that speaks."""
    speaker = None
    while frame is not None:
        package = _package(frame)
        if package not in _BETWEEN and __name__ != frame.f_globals.get("__name__"):
            if speaker is None and package in LIBRARIES:
                speaker = package
            elif package != speaker:
                return frame
        frame = frame.f_back
    return None


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
