"""Where results that many runs share are kept: `$MATE_CACHE`, else `$XDG_CACHE_HOME/mate_hf`, else `~/.cache/mate_hf`."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """The folder of one kind of cached results; it may not exist yet."""
    chosen = os.environ.get("MATE_CACHE")
    root = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "mate_hf"
    return root.expanduser() / kind
