"""Pictures come out in one way: a figure where matplotlib is there, a file whole or not at all."""

from __future__ import annotations

from typing import Any

from mate_hf.errors import MateError
from mate_hf.utils.outputs import Output


def new_figure(width: float, height: float, laid_out: bool = True) -> Any:
    """A matplotlib figure of so many inches.

    Args:
        laid_out: so that nothing overlaps; else everything stands where it is put.

    Raises:
        MateError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MateError("pictures need matplotlib. Install it: pip install 'mate-hf[plots]'") from error
    return Figure(figsize=(width, height), layout="constrained" if laid_out else None)


def save_figure(figure: Any, place: Output, dpi: int = 150) -> None:
    """Write it; the ending chooses the form.

    Raises:
        MateError: an ending that matplotlib does not know, or a place that is not free.
    """
    with place.written() as fresh:
        try:
            figure.savefig(fresh, dpi=dpi)
        except ValueError as error:
            raise MateError(f"{place.path}: {error}. Choose .png, .svg or .pdf.") from error
