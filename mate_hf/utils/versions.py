"""Whose code and which libraries made a result."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("mate-hf", "torch", "transformers", "accelerate", "datasets", "peft", "huggingface_hub", "spacy")


def versions() -> dict[str, str]:
    """Python and the libraries results depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def commit() -> str | None:
    """The checkout's commit, with `+` where files differ from it; None for an installed package."""
    here = Path(__file__).parent
    git = ["git", "-C", str(here)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
        changes = subprocess.run(
            [*git, "status", "--porcelain"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return head + ("+" if changes else "")


def environment() -> dict[str, Any]:
    """Versions and devices, for bug reports."""
    import torch

    devices = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] or ["cpu"]
    return {**versions(), "devices": devices}
