"""What callers may ask for: one number for all prompts or one for each, and sentences that are text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.utils.json_files import brief
from mate_hf.utils.seeds import require_seed

MOST_MOTIONS, MOST_FRAMES = 100_000, 5_000_000
"""In one call: all of them lie in memory, 6 GB of the latter."""


def is_number(given: Any) -> bool:
    """Of Python or numpy."""
    return isinstance(given, Real)


def is_whole(given: Any) -> bool:
    """A whole number, of Python or numpy."""
    return isinstance(given, Integral)


def told(given: Any) -> str:
    """As messages have it."""
    if not isinstance(given, (float, np.floating)):
        return brief(given)
    short = f"{given:g}"
    # 0.19999999 is not the 0.2 that it would be taken for.
    return short if float(short) == given or not np.isfinite(given) else repr(float(given))


def require_count(num: int, prompts: int) -> None:
    """How many motions at once.

    Raises:
        MateError: none, or more than anybody has room for.
    """
    if not is_whole(num):
        raise MateError(f"num: {brief(num)}; expected a whole number.")
    if not 1 <= num * prompts <= MOST_MOTIONS:
        raise MateError(
            f"num: {num} motions of {prompts} prompts; expected 1 to {MOST_MOTIONS} in all. Ask for the rest in another call."
        )


def sentences(given: Any) -> list[str]:
    """One sentence, or several, as a list.

    Raises:
        MateError: none, or what is no text.
    """
    found = [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else []
    if not found:
        raise MateError("prompt: none; expected a sentence, or several.")
    for place, prompt in enumerate(found):
        if not isinstance(prompt, str):
            raise MateError(f"prompt {place}: {type(prompt).__name__}; expected text.")
        try:
            prompt.encode()
        # Half of a surrogate pair: what a shell passes on of bytes that are no UTF-8.
        except UnicodeEncodeError as error:
            raise MateError(
                f"prompt {place}: {brief(prompt)}; character {error.start + 1} is none. Pass it as UTF-8."
            ) from error
    return found


def lengths_of(given: Any, count: int, what: str) -> list[float]:
    """Seconds of each, infinite where they are beyond floats; see `_for_each`."""
    return [_as_float(number) for number in _for_each("seconds", given, count, what, "a number", is_number)]


def _as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def seeds_of(given: Any, count: int) -> list[int]:
    """The seed of each; see `_for_each`.

    Raises:
        MateError: one that is out of range, too.
    """
    seeds = [
        int(number) for number in _for_each("seed", given, count, "a prompt", "a whole number", is_whole)
    ]
    for seed in seeds:
        require_seed(seed)
    return seeds


def _for_each(
    name: str, given: Any, count: int, what: str, wanted: str, fits: Callable[[Any], bool]
) -> list[Any]:
    """One number for all of `count`, or those of each.

    Raises:
        MateError: another sort of thing, or another number of them.
    """
    plain = given.tolist() if isinstance(given, (np.ndarray, np.generic, Tensor)) else given
    several = isinstance(plain, Iterable) and not isinstance(plain, (str, bytes))
    numbers = list(plain) if several else [plain] * count
    for number in numbers:
        if not fits(number):
            raise MateError(f"{name}: {brief(number)}; expected {wanted}, or one {what}.")
    if len(numbers) != count:
        raise MateError(
            f"{name}: {len(numbers)} for {count} {what.split()[-1]}s; expected one, or one {what}."
        )
    return numbers
