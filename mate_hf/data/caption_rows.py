"""The captions of a split as they are met: few as Python objects, the rest as Arrow holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from datasets import Dataset, Features, Value, concatenate_datasets

from mate_hf.data.split import FIRST_FRAME, MOTION_ROW

CAPTION_FEATURES = Features(
    {
        "id": Value("string"),
        "clip": Value("string"),
        "caption": Value("string"),
        MOTION_ROW: Value("int32"),
        FIRST_FRAME: Value("int32"),
        "length": Value("int32"),
        "start": Value("float32"),
        "end": Value("float32"),
    }
)
"""Columns of a split's captions, see `Split`."""

ROWS_AT_A_TIME = 4096
"""Held as Python objects, which take twenty times the room."""


class CaptionRows:
    """Collects rows of `CAPTION_FEATURES`."""

    def __init__(self) -> None:
        self._parts: list[Dataset] = []
        self._waiting: list[dict[str, Any]] = []

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Take a motion's captions."""
        self._waiting += rows
        if len(self._waiting) >= ROWS_AT_A_TIME:
            self._settle()

    def dataset(self) -> Dataset | None:
        """All rows in order; None where there are none."""
        if self._waiting:
            self._settle()
        return concatenate_datasets(self._parts) if self._parts else None

    def _settle(self) -> None:
        self._parts.append(Dataset.from_list(self._waiting, CAPTION_FEATURES))
        self._waiting = []
