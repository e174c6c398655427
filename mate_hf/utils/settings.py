"""Dataclass fields that carry their own help and limits, for HfArgumentParser."""

from __future__ import annotations

import math
from dataclasses import field, fields
from typing import Any

from mate_hf.errors import MateError

LARGEST, LARGEST_WHOLE = 1e30, 2**32 - 1
"""Of settings without a limit of their own: what float32 holds the square roots and sums of, and any seed."""


class Help(str):
    """A help text that knows the option's limits: HfArgumentParser hands all metadata to argparse, which takes no others.

    Attributes:
        limits: by the names of `option`.
    """

    limits: dict[str, float]

    def __new__(cls, text: str, limits: dict[str, float]) -> Help:
        found = super().__new__(cls, text)
        found.limits = limits
        return found


def option(
    default: Any,
    help: str,
    choices: tuple[str, ...] | None = None,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> Any:
    """A dataclass field with a default, a help text and its legal values: a few, or a range.

    Args:
        least, above: lower limit, itself allowed or not. most, below: the upper one.
    """
    limits = {"least": least, "above": above, "most": most, "below": below}
    known = {name: limit for name, limit in limits.items() if limit is not None}
    metadata: dict[str, Any] = {"help": Help(help, known)}
    if choices is not None:
        metadata["choices"] = list(choices)
    return field(default=default, metadata=metadata)


def require_in_range(part: Any) -> None:
    """Hold a dataclass of options against their limits.

    Raises:
        MateError: a number that is out of range, or not finite.
    """
    for entry in fields(part):
        value = getattr(part, entry.name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        limits = getattr(entry.metadata.get("help"), "limits", {})
        expected = " and ".join(f"{_WORDS[name]} {limit:g}" for name, limit in limits.items())
        if not _finite(value) or not all(_WITHIN[name](value, limit) for name, limit in limits.items()):
            raise MateError(f"{entry.name}: {_shown(value)}; expected {expected or 'a finite number'}.")
        largest = LARGEST_WHOLE if isinstance(value, int) else LARGEST
        if abs(value) > largest:
            raise MateError(f"{entry.name}: {_shown(value)}; expected at most {largest:g}.")


def _finite(value: float) -> bool:
    return isinstance(value, int) or math.isfinite(value)


def _shown(value: float) -> str:
    try:
        return f"{value:g}"
    except OverflowError:
        return "a whole number of hundreds of digits"


def require_legal(part: Any) -> None:
    """Hold a dataclass of options that no command line has read against their choices and their limits.

    Raises:
        MateError: a value that is none of the choices, or a number that is out of range, or not finite.
    """
    for entry in fields(part):
        value, choices = getattr(part, entry.name), entry.metadata.get("choices")
        if choices is not None and value is not None and value not in choices:
            raise MateError(f"{entry.name}: {value!r}; expected one of {', '.join(map(repr, choices))}.")
    require_in_range(part)


def require_divisible(whole: tuple[str, int], by: tuple[str, int]) -> None:
    """A width that is shared among heads.

    Raises:
        MateError: it cannot be shared equally.
    """
    if whole[1] % by[1]:
        raise MateError(f"{whole[0]}: {whole[1]}; expected a multiple of {by[0]}, {by[1]}.")


def require_even(name: str, width: int) -> None:
    """A width that tells places apart: half of its numbers by sines, half by cosines.

    Raises:
        MateError: it is odd.
    """
    if width % 2:
        raise MateError(f"{name}: {width}; expected an even number.")


_WITHIN = {
    "least": lambda value, limit: value >= limit,
    "above": lambda value, limit: value > limit,
    "most": lambda value, limit: value <= limit,
    "below": lambda value, limit: value < limit,
}
_WORDS = {"least": "at least", "above": "more than", "most": "at most", "below": "less than"}
