"""Answers that were paid for, kept on disk: a broken run asks only for the rest."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.text.decomposition.prompt import messages


class AnswerCache:
    """Answers by caption, model and prompt; each is on disk as soon as it is put. Safe with threads.

    Args:
        path: SQLite file, made where it does not exist.
        model: whose answers.

    Raises:
        MateError: the file cannot be opened or written, or is something else; so do all methods.
    """

    def __init__(self, path: Path, model: str) -> None:
        self.path, self.model = path, model
        self._lock = threading.Lock()
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, check_same_thread=False)
            try:
                self._file.execute(
                    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)"
                )
                self._file.commit()
            except BaseException:
                self.close()
                raise

    def get(self, caption: str) -> str | None:
        """The model's answer, None where it was never asked."""
        with self._lock, self._explained():
            row = self._file.execute(
                "SELECT answer FROM answers WHERE key = ?", (self._key(caption),)
            ).fetchone()
        return None if row is None else str(row[0])

    def put(self, caption: str, answer: str) -> None:
        """Keep an answer."""
        with self._lock, self._explained():
            self._file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (self._key(caption), answer))
            self._file.commit()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """A disk that is full, or a file that is something else or damaged; sqlite3 quotes a damaged table as text, which it may not be."""
        try:
            yield
        except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
            raise MateError(
                f"cache {self.path}: {error}. Free some room, remove the file, or choose another with --cache."
            ) from error

    def _key(self, caption: str) -> str:
        return hashlib.sha256(json.dumps([self.model, messages(caption)]).encode()).hexdigest()
