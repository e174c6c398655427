"""Two outputs of one command, file by file, less what must differ: times, and the words of the call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

VARIES = {
    "seconds",
    "command",
    "argv",
    "commit",
    "when",
    "_fingerprint",
    "parts_found",
    "resume",
    "overwrite",
    "output_dir",
}
"""Fields that differ between two runs that nobody disturbed, or name how one was called."""

OTHERS = {".gitattributes", ".cache", ".locks", ".no_exist"}
"""Hidden names of the Hub's library and of datasets."""


def compared(whole: Path, out: Path) -> list[str]:
    """In what two folders differ."""
    one, other = _files(whole), _files(out)
    lines = [f"{name} is in one of them" for name in sorted({*one} ^ {*other})]
    return lines + [
        f"{name} differs" for name in sorted({*one} & {*other}) if not _same(one[name], other[name])
    ]


def half_written(out: Path) -> list[Path]:
    """Files under their final names that cannot be read."""
    return [path for path in _files(out).values() if not _reads(path)]


def hidden(folder: Path) -> list[Path]:
    """What is left: temporary names, locks."""
    return sorted(path for path in folder.rglob(".*") if path.name not in OTHERS)


def temporary(folder: Path) -> list[Path]:
    """What is left in the folder for temporary files."""
    return sorted((folder / "tmp").iterdir()) if (folder / "tmp").is_dir() else []


def _files(folder: Path) -> dict[str, Path]:
    found = (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else iter([])
    named = {str(path.relative_to(folder)): path for path in found}
    return {
        name: path
        for name, path in named.items()
        if not any(part.startswith(".") for part in Path(name).parts)
    }


def _reads(path: Path) -> bool:
    try:
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".safetensors":
            with safe_open(path, "pt") as file:
                list(file.keys())
    except (ValueError, SafetensorError):
        return False
    return True


def _same(one: Path, other: Path) -> bool:
    if one.read_bytes() == other.read_bytes():
        return True
    if one.suffix == ".json":
        first, second = (json.loads(path.read_text(encoding="utf-8")) for path in (one, other))
        return one.name == "whole.json" or _settled(first) == _settled(second)
    if one.name in {"log.jsonl", "config.yaml"}:
        return list(_lines(one)) == list(_lines(other))
    return False


def _settled(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _settled(value) for name, value in content.items() if name not in VARIES}
    return [_settled(part) for part in content] if isinstance(content, list) else content


def _lines(path: Path) -> Iterator[Any]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if path.suffix == ".jsonl":
            yield _settled(json.loads(line))
        elif line.split(":")[0] not in VARIES:
            yield line
