"""What a path holds, in a sentence, for a message about what was expected of it."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

NAMED = 5
"""Entries that are named; of files, endings too."""


def contents(path: Path) -> str:
    """`It holds 1,203 files (1,200 .npy, 3 .txt) and the folders motions, train.`"""
    if not path.exists():
        return "It does not exist."
    if not path.is_dir():
        return f"It is a file of {path.stat().st_size:,} bytes."
    entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    files = [entry.name for entry in entries if not entry.is_dir()]
    folders = [entry.name for entry in entries if entry.is_dir()]
    if not files and not folders:
        return "It is empty."
    held = []
    if len(files) > NAMED:
        endings = Counter(Path(name).suffix or Path(name).name for name in files)
        counts = ", ".join(f"{count:,} {ending}" for ending, count in endings.most_common(NAMED))
        held.append(f"{len(files):,} files ({counts})")
    elif files:
        held.append(", ".join(files))
    if folders:
        more = ", ..." if len(folders) > NAMED else ""
        held.append(f"the folder{'s' if len(folders) > 1 else ''} {', '.join(folders[:NAMED])}{more}")
    return f"It holds {' and '.join(held)}."
