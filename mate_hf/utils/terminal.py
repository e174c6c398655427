"""How commands and scripts speak: progress bars where somebody looks, errors as one message, foreign text as text."""

from __future__ import annotations

import os
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from mate_hf.errors import MateError
from mate_hf.utils.masked import masked
from mate_hf.utils.visible import encodable, visible

_notes_are_kept_back = False


class Terminal(Console):
    """A console to which every string is plain text: no markup is read in it, and no control character obeyed.

    All strings pass through here, those of tables too, so that names of files, ids, words and settings of others need no care
    where they are printed.

    Args:
        stderr: write to standard error.
        quiet: say nothing.
        soft_wrap: leave long lines to whoever shows them; not where a progress bar is to fit in one.
    """

    def __init__(self, stderr: bool = False, quiet: bool = False, soft_wrap: bool = True) -> None:
        super().__init__(
            stderr=stderr, quiet=quiet, highlight=False, markup=False, emoji=False, soft_wrap=soft_wrap
        )

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as it is printed."""
        return super().render_str(encodable(visible(masked(text)), self.encoding), **options)

    def on_broken_pipe(self) -> None:
        """Fall silent: the work goes on."""
        self.quiet = True


def terminal_of_bars(quiet: bool = False) -> Terminal:
    """Where progress is shown: standard error."""
    return Terminal(stderr=True, quiet=quiet, soft_wrap=False)


def keep_quiet(quiet: bool) -> None:
    """Keep notes back, or no longer."""
    global _notes_are_kept_back
    _notes_are_kept_back = quiet


def note(line: str) -> None:
    """Say on standard error what happened on the side."""
    if not _notes_are_kept_back:
        Terminal(stderr=True).print(f"note: {line}")


def say_error(error: MateError) -> None:
    """An error's message on standard error."""
    Terminal(stderr=True).print(f"error: {error}")


def calm_progress_bars(quiet: bool = False) -> None:
    """Switch off the bars of datasets, transformers and the Hub where standard error is no terminal, or on demand.

    They read these variables when imported, so call this first.
    """
    if quiet or not sys.stderr.isatty():
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
