"""What every metric asks of the features it is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mate_hf.errors import MateError

Array = NDArray[np.float64]


def checked_features(features: ArrayLike, what: str, dimensions: int = 2) -> Array:
    """Features as float64.

    Args:
        what: they belong to, for messages: "real motions".
        dimensions: 2 for (N,D), 3 for (captions, generations, D).

    Raises:
        MateError: another number of dimensions, no rows, or values that are not finite.
    """
    array = np.asarray(features, dtype=np.float64)
    if array.ndim != dimensions or 0 in array.shape:
        shape = "(N, width)" if dimensions == 2 else "(captions, generations, width)"
        raise MateError(f"features of {what}: shape {array.shape}; expected {shape}, none of them 0.")
    broken = int((~np.isfinite(array).reshape(len(array), -1).all(1)).sum())
    if broken:
        raise MateError(
            f"features of {what}: {broken} of {len(array)} rows are not finite. Look for NaNs in the motions, or for an "
            "evaluator that has diverged."
        )
    return array
