"""For tests of damaged files: read, or refused in our words; any other exception fails the test."""

from __future__ import annotations

from collections.abc import Callable

from mate_hf.errors import MateError


def refusal(call: Callable[[], object]) -> str | None:
    """What a call refuses its input with; None where it takes it."""
    try:
        call()
    except MateError as error:
        return str(error)
    return None
