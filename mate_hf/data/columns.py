"""Columns of a Dataset, row by row, straight from its memory-mapped file.

Datasets decodes a row's features anew each time it is asked for one; training asks for every row of an epoch, and waits.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset
from numpy.typing import NDArray


class Column:
    """`column[row]` is `split[row][name]`, for columns of numbers, strings and lists of them; selected and shuffled rows are
    followed.

    Raises:
        IndexError: no such row.
    """

    def __init__(self, split: Dataset, name: str) -> None:
        self.split, self.name = split, name
        self._starts = [0, *accumulate(len(chunk) for chunk in self._chunks)]

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, row: int) -> Any:
        chunk, place = self._place(row)
        return self._chunks[chunk][place].as_py()

    def to_numpy(self) -> NDArray[Any]:
        """A column of numbers, whole."""
        values: NDArray[Any] = self.split.data.column(self.name).to_numpy()
        return values if self._order is None else values[self._order]

    def nulls(self) -> NDArray[np.bool_]:
        """Whether each row holds nothing."""
        values: NDArray[np.bool_] = self.split.data.column(self.name).is_null().to_numpy()
        return values if self._order is None else values[self._order]

    def text_lengths(self) -> NDArray[np.int64]:
        """Characters of each row of a column of strings; 0 where a row holds nothing."""
        lengths = pc.fill_null(pc.utf8_length(self.split.data.column(self.name)), 0).to_numpy()
        values: NDArray[np.int64] = lengths.astype(np.int64)
        return values if self._order is None else values[self._order]

    def __reduce__(self) -> tuple[Any, ...]:
        # A worker opens the file itself; the views would be copied.
        return type(self), (self.split, self.name)

    def _place(self, row: int) -> tuple[int, int]:
        """The chunk that holds a row, and where."""
        count = len(self)
        if not -count <= row < count:
            raise IndexError(f"row {row} of a split of {count} rows")
        row = int(row) % count
        if self._order is not None:
            row = int(self._order[row])
        chunk = bisect_right(self._starts, row) - 1
        return chunk, row - self._starts[chunk]

    @cached_property
    def _chunks(self) -> list[pa.Array]:
        chunks: list[pa.Array] = self.split.data.column(self.name).chunks
        return chunks

    @cached_property
    def _order(self) -> NDArray[np.integer] | None:
        # `select` and `shuffle` leave the table as it is and keep the order in `_indices`, which is private.
        indices = self.split._indices
        return None if indices is None else indices.column(0).to_numpy()


class Columns:
    """Several columns: `columns[row]` is a row's values by name."""

    def __init__(self, split: Dataset, names: Iterable[str]) -> None:
        self._columns = {name: Column(split, name) for name in names}

    def __getitem__(self, row: int) -> dict[str, Any]:
        return {name: column[row] for name, column in self._columns.items()}


class Motions(Protocol):
    """`motions[row]`: the motion (T, width) float32 of a row; read-only."""

    def __len__(self) -> int: ...

    def __getitem__(self, row: int, /) -> NDArray[np.float32]: ...


class MotionColumn(Column):
    """Motions as (T, width) float32: read-only views of the file, the same numbers as `split[row]["motion"]`.

    The column must be `Array2D((None, width), "float32")`.
    """

    def __init__(self, split: Dataset, name: str = "motion") -> None:
        super().__init__(split, name)

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        chunk, place = self._place(row)
        frames, numbers, values = self._views[chunk]
        first, end = frames[place], frames[place + 1]
        begin, stop = numbers[first], numbers[end]
        motion: NDArray[np.float32] = values[begin:stop].reshape(end - first, -1)
        return motion

    def lengths(self) -> NDArray[np.int64]:
        """Frames of every motion, in the order of the rows; 0 where a row holds none."""
        found = [np.diff(frames) for frames, _, _ in self._views]
        lengths = np.concatenate(found).astype(np.int64) if found else np.zeros(0, np.int64)
        return lengths if self._order is None else lengths[self._order]

    def has_nulls(self) -> bool:
        """Whether numbers or frames are null, which a view cannot show."""
        stored = [chunk.storage for chunk in self._chunks]
        return any(rows.values.null_count or rows.values.values.null_count for rows in stored)

    def widths(self) -> NDArray[np.int64]:
        """Numbers of every frame in the file, each width once."""
        found = [np.unique(np.diff(numbers)) for _, numbers, _ in self._views]
        return np.unique(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, np.int64)

    @cached_property
    def _views(self) -> list[tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.float32]]]:
        """Of each chunk: where its motions' frames start, where the frames' numbers start, and the numbers."""
        stored = [chunk.storage for chunk in self._chunks]
        return [
            (rows.offsets.to_numpy(), rows.values.offsets.to_numpy(), rows.values.values.to_numpy())
            for rows in stored
        ]


class ClipMotions:
    """Motions of captions that say where theirs lies in a table: read-only views of its file.

    Args:
        captions: columns `motion_row`, `first_frame` and `length`.
        table: column `motion`.
    """

    def __init__(self, captions: Dataset, table: Dataset) -> None:
        self.captions, self.table = captions, table
        names = ("motion_row", "first_frame", "length")
        self._rows, self._first, self._lengths = (Column(captions, name).to_numpy() for name in names)
        self._motions = MotionColumn(table)

    def __len__(self) -> int:
        return len(self.captions)

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        first = self._first[row]
        return self._motions[self._rows[row]][first : first + self._lengths[row]]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.captions, self.table)
