"""Names on the Hub, and whether one is."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub.utils import validate_repo_id

from mate_hf.text.encoders import PACKAGE_PREFIX


def is_on_hub(name: str | None) -> bool:
    """Whether an encoder's name is a Hub id: neither a folder of this machine nor inside an installed package."""
    if name is None or name.startswith(PACKAGE_PREFIX) or Path(name).exists():
        return False
    try:
        validate_repo_id(name)
    except ValueError:
        return False
    return True
