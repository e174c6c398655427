"""A stage's results so far, in pieces beside its output: a broken run takes up where it stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mate_hf.utils.files import write_json, written_whole
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.json_files import read_json, read_json_lines
from mate_hf.utils.nests import standing

SETTINGS = "settings.json"


class Parts:
    """Pieces of work in a hidden folder beside `out`, each a list that JSON can hold, written whole.

    Args:
        out: what the pieces are for.
        settings: what the results depend on. Pieces of other settings are thrown away by `claim`.
    """

    def __init__(self, out: Path, settings: dict[str, Any]) -> None:
        out = standing(out)
        self.folder = out.with_name(f".{out.name}.parts")
        self.settings = settings

    def claim(self) -> int:
        """Make the folder ready (main process); pieces that can be used again."""
        path = self.folder / SETTINGS
        if not path.exists() or read_json(path, dict, self._remedy) != self.settings:
            shutil.rmtree(self.folder, ignore_errors=True)
            write_json(path, self.settings)
        return len(list(self.folder.glob("*.jsonl")))

    @property
    def _remedy(self) -> str:
        return f"Remove {self.folder} and run the command again."

    def _file(self, name: str) -> Path:
        # Of splits, whose names come with the data.
        return inside(self.folder, name, ".jsonl")

    @contextmanager
    def claimed(self) -> Iterator[int]:
        """`claim`, for a `with` block: where that fails before anything is kept, no folder is left."""
        try:
            yield self.claim()
        except BaseException:
            if self.folder.is_dir() and all(entry.name == SETTINGS for entry in self.folder.iterdir()):
                self.remove()
            raise

    def has(self, name: str) -> bool:
        """Whether a piece is done."""
        return self._file(name).exists()

    def write(self, name: str, records: list[Any]) -> None:
        """Keep a piece."""
        with written_whole(self._file(name)) as fresh:
            fresh.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")

    def read(self, name: str) -> list[Any]:
        """A piece."""
        return [record for _, record in read_json_lines(self._file(name), object, self._remedy)]

    def once(self, name: str, work: Callable[[], list[Any]]) -> list[Any]:
        """A piece: read where it is done, else done now and kept."""
        if self.has(name):
            return self.read(name)
        records = work()
        self.write(name, records)
        return records

    def remove(self) -> None:
        """Drop all pieces, once their whole stands."""
        shutil.rmtree(self.folder, ignore_errors=True)
