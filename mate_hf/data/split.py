"""A split: a table of captions, and the motions they speak of, each stored once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from datasets import Dataset

from mate_hf.data.columns import ClipMotions, MotionColumn, Motions

MOTION_ROW, FIRST_FRAME = "motion_row", "first_frame"
"""Of a caption: the row of its motion in the table of motions, and the frame of it where the caption's clip begins."""

SEGMENT_COLUMNS = ("sub_texts", "segments")
"""What `mate localize` adds and training reads."""


class Split:
    """Captions with their motions.

    Args:
        captions: a row a caption: `id` of the motion, `clip` (one name for each different slice of a motion), `caption`,
            `length` in frames, `start` and `end` of the slice in seconds; `motion_row` and `first_frame` where motions have a
            table of their own, else `motion` (length, width) in each row.
        table: the motions, column `motion`; None where each row holds its own.
    """

    def __init__(self, captions: Dataset, table: Dataset | None = None) -> None:
        self.captions, self.table = captions, table

    def __len__(self) -> int:
        """Captions."""
        return len(self.captions)

    def __getitem__(self, column: str) -> Sequence[Any]:
        """A column of the captions."""
        values: Sequence[Any] = self.captions[column]
        return values

    def row(self, number: int) -> dict[str, Any]:
        """One caption's columns, and its `motion`."""
        return {**self.captions[number], "motion": self.motions[number]}

    @property
    def column_names(self) -> list[str]:
        """Of the captions."""
        names: list[str] = self.captions.column_names
        return names

    @cached_property
    def motions(self) -> Motions:
        """`motions[row]`: the clip (length, width) float32 that the row's caption speaks of, not normalised."""
        if self.table is None:
            return MotionColumn(self.captions)
        return ClipMotions(self.captions, self.table)

    @property
    def is_localized(self) -> bool:
        """Whether it says which part of a motion each sub-text speaks of."""
        return all(column in self.column_names for column in SEGMENT_COLUMNS)

    def select(self, rows: Iterable[int]) -> Split:
        """Some captions, with their motions."""
        return Split(self.captions.select(rows), self.table)

    def with_captions(self, captions: Dataset) -> Split:
        """Other captions of the same motions."""
        return Split(captions, self.table)


def first_rows_of_clips(split: Split) -> list[int]:
    """The row of each clip's first caption, ascending."""
    return sorted({clip: row for row, clip in reversed(list(enumerate(split["clip"])))}.values())
