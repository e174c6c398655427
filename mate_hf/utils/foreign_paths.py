"""Names that others wrote into lists and tables, as paths that stay where they belong."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

from mate_hf.errors import MateError


def inside(folder: Path, name: str, suffix: str = "", follow_links: bool = False) -> Path:
    """`folder/name + suffix`; a name may hold inner folders.

    Args:
        follow_links: whether a link may lead elsewhere: for reading, where the folder's owner has put it there.

    Raises:
        MateError: the name is empty, absolute, holds `..` or a NUL, or a link leads out of the folder.
    """
    if not stays(name):
        raise MateError(
            f"name {name!r}: no place inside {folder}. Expected a name such as 000001 or humanml/000001."
        )
    path = folder / f"{name}{suffix}"
    if not follow_links and not resolved(path).is_relative_to(resolved(folder)):
        raise MateError(f"name {name!r}: a link leads out of {folder}. Put the file itself there.")
    return path


def resolved(path: str | Path) -> Path:
    """Where a path leads when all links are followed; links that lead round in a circle are left to whoever opens the path.

    `Path.resolve` ends in a `RuntimeError` there, in an `OSError` since Python 3.13.
    """
    return Path(os.path.realpath(path))


def stays(name: str) -> bool:
    """Whether a name leads to no place but inside the folder that it is a name in, links apart."""
    if not name or "\0" in name:
        return False
    # Most names are plain, and a corpus has tens of thousands.
    if name.isalnum():
        return True
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    return ".." not in {*windows.parts, *posix.parts} and not windows.anchor and not posix.is_absolute()
