"""A table written in any order is the table that numpy would have written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mate_hf.utils.table_file import TableFile


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("width", [1, 7, 384])
def test_rows_in_any_order_are_numpys_own_file(tmp_path: Path, dtype: str, width: int) -> None:
    random = np.random.default_rng(0)
    expected = random.normal(size=(50, width)).astype(dtype)
    starts = [0, 3, 4, 20, 49]
    with TableFile(tmp_path / "a.npy", (50, width), np.dtype(dtype)) as table:
        for place in random.permutation(len(starts)):
            end = [*starts, 50][place + 1]
            table.write(starts[place], expected[starts[place] : end].astype(np.float64))
    np.save(tmp_path / "b.npy", expected)
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, expected)
