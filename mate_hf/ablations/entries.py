"""Entries of a plan's YAML, each checked where it is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.utils.foreign_paths import resolved
from mate_hf.utils.json_files import brief
from mate_hf.utils.yaml_files import require_settings

Flags = dict[str, Any]
"""Settings by the names of a training's flags."""


def mapping_of(entry: Any, where: str, known: Sequence[str]) -> dict[str, Any]:
    """An entry of lines `name: value`.

    Args:
        where: plan and entry, the first words of every error.

    Raises:
        MateError: it is none, or has an unknown name.
    """
    if not isinstance(entry, dict):
        raise MateError(f"{where}: {brief(entry)}; expected lines `name: value`.")
    unknown = [str(name) for name in entry if name not in known]
    if unknown:
        raise MateError(f"{where}: unknown key {', '.join(unknown)}. Known keys: {', '.join(sorted(known))}.")
    return entry


def settings_of(entry: Any, where: str, known: Sequence[str]) -> Flags:
    """An entry of flags, which may be empty.

    Raises:
        MateError: an unknown flag, or what cannot be a flag's value.
    """
    return require_settings(mapping_of(entry or {}, where, known), where)


def flags_of(parts: Iterable[Any], own: Sequence[str]) -> tuple[str, ...]:
    """The names of a training's flags, but for those that a plan sets itself."""
    return tuple(part.name for group in parts for part in fields(group) if part.name not in own)


def beside(path: Path, name: str) -> Path:
    """A path that a plan at `path` names.

    Raises:
        MateError: no file system takes such a name.
    """
    if "\0" in name:
        raise MateError(f"plan {path}: {brief(name)}: a path with a NUL character. Take it out.")
    return resolved(path.parent / name)


def found_beside(path: Path, flags: Flags, names: Sequence[str]) -> Flags:
    """Flags of which those of these names are paths where such a thing lies beside the plan; else they name it elsewhere."""
    places = {name: beside(path, str(flags[name])) for name in names if flags.get(name) is not None}
    return {**flags, **{name: str(place) for name, place in places.items() if os.path.exists(place)}}
