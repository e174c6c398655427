"""The card of a dataset says which of its files are what; `datasets` follows it wherever it leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from huggingface_hub import hf_hub_download

from mate_hf.errors import MateError
from mate_hf.utils.foreign_paths import stays
from mate_hf.utils.json_files import brief
from mate_hf.utils.yaml_files import read_front_matter

CARD = "README.md"
REMEDY = "Download the dataset again, or leave this one."


def require_plain_card(data: str | Path) -> None:
    """Refuse a card that names files beyond the dataset's own: elsewhere on this machine, or at any address.

    Args:
        data: folder, or Hub id; without a card there is nothing to say.

    Raises:
        MateError: the place that it names, or a card that is damaged or repeats itself without end.
    """
    file = _card_of(data)
    if file is None:
        return
    for place in _texts(read_front_matter(file, REMEDY).get("configs")):
        if "://" in place or "::" in place or not stays(place):
            raise MateError(
                f"{data}: its {CARD} names files at {brief(place)}, which is no place in it. {REMEDY}"
            )


def _card_of(data: str | Path) -> Path | None:
    if Path(data).exists():
        file = Path(data) / CARD
        return file if file.is_file() else None
    try:
        return Path(hf_hub_download(str(data), CARD, repo_type="dataset"))
    # None there, or nobody to ask: whoever loads the dataset says so.
    except (OSError, ValueError):
        return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
