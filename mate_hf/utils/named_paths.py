"""Several things of a kind on a command line, each a path or NAME=PATH."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mate_hf.errors import MateError


def named_path(given: str) -> tuple[str, str]:
    """`NAME=PATH` cut apart; a path alone is called as its folder.

    Raises:
        MateError: no path.
    """
    name, sign, path = given.partition("=")
    if not sign or "/" in name or Path(given).exists():
        name, path = Path(given).name or given, given
    if not name or not path:
        raise MateError(f"generator: {given!r}; expected a path, or NAME=PATH.")
    return name, path


def named_paths(given: Sequence[str], most: int) -> list[tuple[str, str]]:
    """Names and paths of generators; paths of one name are called as they are.

    Raises:
        MateError: more than `most`, no path, or two of one name.
    """
    if len(given) > most:
        several = f"2 to {most}" if most > 2 else f"{most}"
        raise MateError(f"generator: {len(given)} given; expected one, or {several} to set side by side.")
    named = [named_path(one) for one in given]
    if len({name for name, _ in named}) < len(named):
        named = [
            (name, path) if "=" in one else (path, path)
            for one, (name, path) in zip(given, named, strict=True)
        ]
    if len({name for name, _ in named}) < len(named):
        raise MateError(f"generator: two are called {named[0][0]}. Name them: --generator stock=PATH.")
    return named
