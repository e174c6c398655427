"""Twenty repeats as the field reports them: mean and 95 % confidence interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mate_hf.errors import MateError

NORMAL_95 = 1.96


@dataclass(frozen=True)
class Interval:
    """A metric over repeats.

    Attributes:
        mean: over the repeats.
        half_width: of the 95 % interval, 1.96 standard deviations over the root of the count.
        repeats: how many.
    """

    mean: float
    half_width: float
    repeats: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.half_width:.3f}"


def interval(values: Sequence[float]) -> Interval:
    """Mean and half width of the 95 % interval; the field takes the standard deviation of N, not of N - 1.

    Raises:
        MateError: no values.
    """
    if not len(values):
        raise MateError("interval: no repeats.")
    array = np.asarray(values, dtype=np.float64)
    return Interval(float(array.mean()), float(NORMAL_95 * array.std() / np.sqrt(len(array))), len(array))
