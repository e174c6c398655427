"""Cosines of contrary words with one another as a map of colours, before and after tuning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.utils.outputs import Output

COLOURS = "RdBu_r"
"""Red where words are alike, blue where they point apart, white at 0: of ColorBrewer's palettes for colour-blind readers."""

CELL, LABELS, NARROWEST, WIDEST = 0.42, 1.6, 3.6, 6.6
"""Inches of a word, of the words' names beside the fields, and of a panel at least and at most."""

FONT, SMALLEST_FONT = 9, 6

DARK = 0.6
"""From this cosine on numbers are white."""


def cosines_of(rows: NDArray[Any]) -> NDArray[np.float64]:
    """(N, N) cosines of rows (N, width)."""
    directions = np.asarray(rows, dtype=np.float64)
    directions = directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-12)
    found: NDArray[np.float64] = directions @ directions.T
    return found


def draw_cosine_map(
    words: Sequence[str],
    before: NDArray[Any] | None,
    after: NDArray[Any],
    place: Output,
    title: str = "",
) -> None:
    """Draw it to a `.png`, `.svg` or `.pdf`.

    Args:
        words: contraries one after another, two and two; their fields are framed.
        before, after: (N, width) of the words by the stock and the trained encoder; None: no stock encoder.

    Raises:
        MateError: matplotlib is not installed, another ending, or a place that is not free.
    """
    tables = {"after tuning": cosines_of(after)}
    if before is not None:
        tables = {"stock encoder": cosines_of(before), **tables}
    side = min(WIDEST, max(NARROWEST, CELL * len(words) + LABELS))
    figure = new_figure(1.6 + side * len(tables), side + 0.6)
    panels = np.atleast_1d(figure.subplots(1, len(tables)))
    image = None
    for panel, (name, cosines) in zip(panels, tables.items(), strict=True):
        image = panel.imshow(cosines, cmap=COLOURS, vmin=-1, vmax=1)
        _numbers(panel, cosines, SMALLEST_FONT if side == WIDEST else FONT)
        _frames(panel, len(words))
        panel.set_xticks(range(len(words)), words, rotation=90, parse_math=False)
        panel.set_yticks(range(len(words)), words, parse_math=False)
        panel.tick_params(length=0)
        pairs = np.arange(0, len(words) - 1, 2)
        mean = float(cosines[pairs, pairs + 1].mean())
        panel.set_title(
            f"{name}: framed contraries {mean:.2f} on average",
            loc="left",
            fontsize=11 if side == WIDEST else 9,
        )
    bar = figure.colorbar(image, ax=panels, fraction=0.03, aspect=28, pad=0.01, shrink=0.8)
    bar.set_label("cosine similarity of word embeddings")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, parse_math=False)
    save_figure(figure, place)


def _numbers(panel: Any, cosines: NDArray[np.float64], size: float) -> None:
    for row, column in np.ndindex(*cosines.shape):
        value = float(cosines[row, column])
        colour = "white" if abs(value) > DARK else "#222222"
        said = f"{value:.1f}".replace("-0.0", "0.0")
        panel.text(column, row, said, ha="center", va="center", fontsize=size, color=colour)


def _frames(panel: Any, words: int) -> None:
    from matplotlib.patches import Rectangle

    for first in range(0, words - 1, 2):
        corner = (first - 0.5, first - 0.5)
        panel.add_patch(Rectangle(corner, 2, 2, fill=False, edgecolor="black", linewidth=1.6))
