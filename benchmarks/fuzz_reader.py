"""What a fuzzed reader is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mate_hf.errors import MateError

CAPTION = "a person walks forward and turns left"


WORDS = tuple(
    dict.fromkeys(
        f"sos eos unk {CAPTION} right then waves sits down stands up kicks with the leg twice slowly".split()
    )
)


@dataclass(frozen=True)
class Reader:
    """What is opened, and how.

    Attributes:
        make: writes a whole sample into an empty folder.
        open: reads the folder; raises a `MateError` where it is damaged.
        share: of all cases, relative to others: what takes long has fewer.
    """

    make: Callable[[Path], object]
    open: Callable[[Path], object]
    share: float = 1.0


class DangerError(Exception):
    """What was read came out as something that is obeyed."""


def read_each(*reads: Callable[[], object]) -> None:
    """All of them, where the first that refuses would hide the others."""
    refused: MateError | None = None
    for read in reads:
        try:
            read()
        except MateError as error:
            refused = refused or error
    if refused is not None:
        raise refused
