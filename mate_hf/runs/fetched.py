"""A model that is named by its Hub id, as a folder of this machine."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from mate_hf.errors import MateError
from mate_hf.utils.reasons import reason


def names_folder(name: str) -> bool:
    """Whether it can only be a folder's: it exists, or no Hub id is written so."""
    return Path(name).exists() or name.count("/") > 1 or name.startswith((".", "/", "~"))


def fetched(name: str, remedy: str, revision: str | None = None) -> Path:
    """The repository in Hub's cache, downloaded where it is not there yet.

    Args:
        name: Hub id.
        remedy: the last sentence of the error.

    Raises:
        MateError: no such repository, or nobody to ask.
    """
    try:
        return Path(snapshot_download(name, revision=revision))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise MateError(
            f"{name}: no such folder here, and no such repository on the Hub ({reason(error)}). {remedy}"
        ) from error
