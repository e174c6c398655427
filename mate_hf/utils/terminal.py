"""How scripts speak: progress bars where somebody looks, errors as one message."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mate_hf.errors import MateError


def calm_progress_bars(quiet: bool = False) -> None:
    """Switch off the bars of datasets, transformers and the Hub where standard error is no terminal, or on demand.

    They read these variables when imported, so call this first.
    """
    if quiet or not sys.stderr.isatty():
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


@contextmanager
def script() -> Iterator[None]:
    """A script of `training/`: calm bars, and an error of ours as one message and exit status 1."""
    calm_progress_bars()
    try:
        yield
    except MateError as error:
        sys.exit(f"error: {error}")
