"""A run on disk: what it holds, where it came from, what it trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mate_hf.runs.model import open_model

__all__ = ["open_model"]


if not TYPE_CHECKING:
    # Else a type checker would take any name.
    def __getattr__(name: str) -> Any:
        # Lazily: whoever reads a run's settings need not import torch.
        if name == "open_model":
            from mate_hf.runs.model import open_model

            return open_model
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
