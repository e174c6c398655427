"""`.npy` files that others wrote: arrays of numbers, or one sentence on what they are instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import mistaken, no_plain_file
from mate_hf.utils.json_files import brief
from mate_hf.utils.reasons import reason

MAGIC, PICKLE = b"\x93NUMPY", b"\x80"

_HEAD = 256
_NEGATIVE = re.compile(rb"^\x93NUMPY.*['\"]shape['\"]\s*:\s*\([^)]*-", re.DOTALL)


def load_array(file: Path) -> NDArray[np.floating]:
    """A `.npy` file of numbers; pickled objects are never opened.

    Raises:
        MateError: missing, damaged, something else, pickled, or not numbers.
    """
    return _numbers(_open(file), file)


def map_array(file: Path) -> NDArray[np.floating]:
    """The same, left on disk and read where it is looked at.

    Raises:
        MateError: see `load_array`.
    """
    return _numbers(_open(file, mmap_mode="r"), file)


def _numbers(array: Any, file: Path) -> NDArray[np.floating]:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
        kind = getattr(array, "dtype", type(array).__name__)
        raise MateError(f"{file}: holds {kind}; expected an array of real numbers.")
    return array


def array_frames(file: Path) -> int:
    """Rows of the array, from the head of its file.

    Raises:
        MateError: see `load_array`.
    """
    array = _open(file, mmap_mode="r")
    return len(array) if array.ndim else 0


def _open(file: Path, **options: Any) -> Any:
    try:
        what = no_plain_file(file)
    except OSError as error:
        raise MateError(f"{brief(str(file))}: cannot be looked at ({error.strerror}).") from error
    if what:
        raise MateError(f"{file}: {what}; expected a .npy file.")
    try:
        _require_counts(file)
        return np.load(file, allow_pickle=False, **options)
    except FileNotFoundError:
        raise MateError(f"{file}: not found.") from None
    # A header that is cut or lies ends in anything: numpy reads it with Python's own parser and believes its shape.
    except Exception as error:
        if what := mistaken(file):
            raise MateError(f"{file}: not a usable .npy file: it {what}") from None
        raise MateError(
            f"{file}: not a usable .npy file ({_reason(error, file)}). Export it again."
        ) from None


def _require_counts(file: Path) -> None:
    """numpy before 2 takes any negative count for "as many as there are"."""
    with file.open("rb") as opened:
        if _NEGATIVE.search(opened.read(_HEAD)):
            raise ValueError("its header promises a negative count")


def _reason(error: Exception, file: Path) -> str:
    if "allow_pickle" in str(error):
        # numpy takes whatever is no array for a pickle.
        with file.open("rb") as opened:
            start = opened.read(len(MAGIC))
        if start != MAGIC and not start.startswith(PICKLE):
            return f"begins with {start!r}, not with {MAGIC!r}"
        return "holds pickled objects, which are not opened"
    if isinstance(error, MemoryError):
        return "its header promises more numbers than fit into memory"
    return reason(error)
