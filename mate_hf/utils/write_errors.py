"""Which exceptions say that a disk is full or cannot be written, whatever library wrote."""

from __future__ import annotations

import re

from safetensors import SafetensorError

from mate_hf.utils.reasons import causes

SAID = re.compile(
    r"os error \d+|I/O error|No space left|PytorchStreamWriter|inline_container|file write failed", re.I
)
"""How the libraries that wrap the system's error in words of their own pass it on: safetensors, tokenizers, PyTorch."""

WRAPPERS = (SafetensorError, RuntimeError)


def failed_write(error: BaseException) -> str | None:
    """Why writing failed, in the system's words; None where the error is of another kind."""
    for link in causes(error):
        if isinstance(link, OSError):
            return str(link)
        # tokenizers raise bare `Exception`s.
        if (isinstance(link, WRAPPERS) or type(link) is Exception) and SAID.search(str(link)):
            return str(link).splitlines()[0]
    return None
