"""log.jsonl: one line a log interval or validation, kept in step with the checkpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.runs.folder import GOES_ON
from mate_hf.utils.files import written_whole
from mate_hf.utils.json_files import LARGEST, read_limited
from mate_hf.utils.write_errors import could_not_write

REMEDY = "Remove the line, or the file: curves alone depend on it."


class Records:
    """Appends records to a file; a resumed run first forgets those after its checkpoint, for it will write them again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[dict[str, Any]]:
        """All records; a last line cut by a crash is left out.

        Raises:
            MateError: a line that is no record.
        """
        if not self.path.exists():
            return []
        try:
            lines = read_limited(self.path, LARGEST, REMEDY).decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            raise MateError(f"{self.path}: cannot be read ({error}). {REMEDY}") from error
        return [self._record(number, line) for number, line in enumerate(lines[:-1], start=1)]

    def _record(self, number: int, line: str) -> dict[str, Any]:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or not isinstance(record.get("step"), int):
            raise MateError(f"{self.path}, line {number}: not a record of a step. {REMEDY}")
        return record

    def forget_after(self, step: int) -> None:
        """Keep the records of steps up to `step`."""
        kept = [record for record in self.read() if record["step"] <= step]
        with written_whole(self.path) as fresh:
            fresh.write_text("".join(json.dumps(record) + "\n" for record in kept), encoding="utf-8")

    def append(self, record: dict[str, Any]) -> None:
        """Add one record.

        Raises:
            MateError: the disk is full or cannot be written. A line that was cut is left out by `read`.
        """
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        except OSError as error:
            raise could_not_write(self.path, error, GOES_ON) from error
