"""Split lists: the ids of a corpus, one a line."""

from __future__ import annotations

from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.utils.text_files import read_lines

SUFFIXES = (".npy", ".txt")
"""Endings of the files that an id names, which some lists write too."""


SPLITS = ("train", "val", "test")

NAMES_OF_VAL = ("val", "validation", "valid", "dev")
"""What a validation split is called, here and elsewhere."""


def find_list(folder: Path, split: str) -> Path:
    """The list of a split, by whichever of its names it has; by the usual one where there is none.

    Raises:
        MateError: two lists of one split.
    """
    names = NAMES_OF_VAL if split == "val" else (split,)
    found = [folder / f"{name}.txt" for name in names if (folder / f"{name}.txt").exists()]
    if len(found) > 1:
        both = " and ".join(file.name for file in found)
        raise MateError(f"{folder}: {both} are both lists of the {split} split. Remove one.")
    return found[0] if found else folder / f"{names[0]}.txt"


def read_ids(file: Path) -> list[str]:
    """The ids in order, without the ending of a file and a leading `./`; blank lines are nothing.

    Raises:
        FileNotFoundError: there is no such list.
        MateError: it cannot be read, or is not UTF-8.
    """
    return [_id(line.strip()) for line in read_lines(file) if line.strip()]


def read_listed(file: Path) -> list[str]:
    """`read_ids` of a list that a user has named, whose ids are all different.

    Raises:
        MateError: no such list, not UTF-8, or an id twice.
    """
    try:
        names = read_ids(file)
    except FileNotFoundError:
        raise MateError(f"{file}: not found; expected an id a line.") from None
    if len(set(names)) < len(names):
        raise MateError(f"{file}: {len(names) - len(set(names))} ids stand there more than once.")
    return names


def _id(line: str) -> str:
    name = line.removeprefix("./")
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name
