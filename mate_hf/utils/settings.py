"""Dataclass fields that carry their own help, for HfArgumentParser."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def option(default: Any, help: str, choices: tuple[str, ...] | None = None) -> Any:
    """A dataclass field with a default, a help text and, where they are few, its legal values."""
    metadata: dict[str, Any] = {"help": help}
    if choices is not None:
        metadata["choices"] = list(choices)
    return field(default=default, metadata=metadata)
