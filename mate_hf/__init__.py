"""mate-hf: text encoders whose word embeddings know how bodies move."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mate_hf.export.drop_in import load

__all__ = ["__version__", "load"]
__version__ = version("mate-hf")


def __getattr__(name: str) -> Any:
    # torch and transformers take seconds to import, which `mate --help` need not wait for.
    if name == "load":
        from mate_hf.export.drop_in import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
