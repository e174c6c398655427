"""Libraries' progress bars: welcome on a terminal, a flood of half lines in a log file."""

from __future__ import annotations

import os
import sys


def calm_progress_bars(quiet: bool = False) -> None:
    """Switch off the bars of datasets, transformers and the Hub where standard error is no terminal, or on demand.

    They read these variables when imported, so call this first.
    """
    if quiet or not sys.stderr.isatty():
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
