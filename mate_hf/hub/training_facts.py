"""What a run recorded of its training, as rows of a card's table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mate_hf.utils.markdown import code, plain


def setting_rows(known: dict[str, Any], names: Iterable[str]) -> dict[str, str]:
    """The corpus, and the named settings that the run has."""
    rows = {"data": cell(Path(str(known["data"])).name)} if "data" in known else {}
    return rows | {name: cell(known[name]) for name in names if name in known}


def provenance_rows(recorded: dict[str, Any]) -> dict[str, str]:
    """Steps, command, commit and versions of a finished run."""
    return {
        "steps": plain(recorded["steps"]),
        "command": cell(recorded["command"]),
        "commit": cell(recorded.get("commit") or "unknown"),
        "versions": plain(", ".join(f"{name} {value}" for name, value in recorded["versions"].items())),
    }


def cell(value: object) -> str:
    """One value as code in a table."""
    return code(value, in_table=True)
