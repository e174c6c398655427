"""The one place that opens gradio, which comes with the extra `explore`: quiet, and without a word to its makers."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    # After each question it would sum up all that were ever asked.
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(2**62),
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
}


def require_gradio() -> None:
    """Refuse to begin what would end for want of it.

    Raises:
        MateError: it is not installed.
    """
    if find_spec("gradio") is None:
        raise MateError(
            "the explorer needs gradio, which is not installed. Install it: pip install 'mate-hf[explore]'"
        )


def open_gradio(files: Path | None = None) -> Any:
    """The module.

    Args:
        files: where it keeps what is uploaded; where it was opened before this has no effect.

    Raises:
        MateError: it is not installed.
    """
    require_gradio()
    # It reads these when it is imported, and when a page is built.
    os.environ.update(QUIET)
    # Before its first answer it asks matplotlib what to draw on; who is told it by the environment does not open all windows to find out.
    os.environ.setdefault("MPLBACKEND", "agg")
    if find_spec("matplotlib") is not None:
        import_module("matplotlib")
    if files is not None:
        os.environ["GRADIO_TEMP_DIR"] = str(files)
    return import_module("gradio")
