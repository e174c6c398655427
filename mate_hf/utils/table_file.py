"""A `.npy` table too large for memory, written row by row in any order."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray


class TableFile:
    """Writes rows of a table (N,W), every one of them once, to a file that `numpy.load` opens, memory-mapped too.

    Through an ordinary file: what is written to a memory map when the disk is full ends the process without a word.

    Args:
        shape: (N,W).

    Raises:
        OSError: of all methods, where the disk is full or cannot be written.
    """

    def __init__(self, path: Path, shape: tuple[int, int], dtype: np.dtype[Any]) -> None:
        self.dtype, self.row_bytes = dtype, shape[1] * dtype.itemsize
        self._file = path.open("wb")
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)
        self._start = self._file.tell()

    def __enter__(self) -> TableFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, first: int, rows: NDArray[np.floating]) -> None:
        """Put `rows` (n,W) at row `first` and those after it."""
        self._file.seek(self._start + first * self.row_bytes)
        self._file.write(np.ascontiguousarray(rows, self.dtype).tobytes())
