"""What a Space's page is opened with: as Python in its `app.py`, and as it lies here before it is uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A path in the Space, as an argument of its page: `before` stands before it, `NAME=` of a generator."""

    parts: tuple[str, ...]
    before: str = ""

    @property
    def code(self) -> str:
        """In `app.py`."""
        path = f"str({' / '.join(['here', *map(repr, self.parts)])})"
        return f"{self.before!r} + {path}" if self.before else path

    def under(self, folder: Path) -> str:
        """Where it lies now."""
        return f"{self.before}{folder.joinpath(*self.parts)}"


Argument = Place | str
"""A Hub id or another word is the same everywhere."""


def given_here(value: Argument | list[Argument], folder: Path) -> str | list[str]:
    """An argument for `folder`, where the Space lies now."""
    if isinstance(value, list):
        return [one.under(folder) if isinstance(one, Place) else one for one in value]
    return value.under(folder) if isinstance(value, Place) else value


def as_code(value: Argument | list[Argument]) -> str:
    """An argument as `app.py` has it; whatever a name holds, it is text there."""
    if isinstance(value, list):
        return f"[{', '.join(map(as_code, value))}]"
    return value.code if isinstance(value, Place) else repr(value)
