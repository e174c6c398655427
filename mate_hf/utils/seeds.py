"""Seeds: the same numbers in every command, those that trainings take."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from mate_hf.errors import MateError
from mate_hf.utils.json_files import brief

SEEDS = 2**32


def require_seed(seed: Any, where: str = "seed") -> None:
    """Make sure that it is one.

    Args:
        where: it stands, the first words of the error.

    Raises:
        MateError: it is none.
    """
    if not isinstance(seed, Integral) or not 0 <= int(seed) < SEEDS:
        raise MateError(f"{where}: {brief(seed)}; expected a whole number from 0 to 2**32 - 1.")


def derived_seed(number: int) -> int:
    """A seed for a number that a command counts on from its own: itself, or what scatters where that is none.

    Beginning again from 0 there would give the noise of other seeds once more, one after another.
    """
    return number if number < SEEDS else int(np.random.SeedSequence(int(number)).generate_state(1)[0])
