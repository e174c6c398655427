"""What libraries say in their logs, and not by a warning, of calls that they will drop."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

LIBRARIES = ("torch", "transformers", "datasets", "diffusers", "accelerate", "peft", "huggingface_hub")


class Deprecations(logging.Handler):
    """Keeps the lines that call something deprecated."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "deprecat" in message.lower():
            self._said.append(f"{record.pathname}:{record.lineno}: {message}")

    @contextmanager
    def listening(self) -> Iterator[Deprecations]:
        loggers = [logging.getLogger(name) for name in LIBRARIES]
        for logger in loggers:
            logger.addHandler(self)
        try:
            yield self
        finally:
            for logger in loggers:
                logger.removeHandler(self)

    def taken(self) -> list[str]:
        """What was said since this was last asked."""
        said, self._said = self._said, []
        return said
