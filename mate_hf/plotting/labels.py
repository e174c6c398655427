"""Names beside points, so that no two names cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDES = (
    ((1, 0), "left", "center"),
    ((-1, 0), "right", "center"),
    ((0, 1), "center", "bottom"),
    ((0, -1), "center", "top"),
)
"""Where a name is tried, one after another, and how it is aligned there."""

COLOUR = "#222222"

FONT = 8

ROOM = 3
"""Pixels around a name in which no point's middle is."""


def place_labels(
    panel: Any,
    points: NDArray[np.float64],
    chosen: Sequence[int],
    names: Sequence[str],
    away: Sequence[float] = (4,),
) -> list[str]:
    """Name points of a panel that has its final place.

    Args:
        points: (N, 2), all that are drawn: no name covers another's point.
        chosen: places of those to name, the most important first.
        names: of each of `chosen`.
        away: typographic points between a name and its point; the second is tried where the first has no room, and a line leads there.

    Returns:
        The names that found room.
    """
    from matplotlib.patheffects import withStroke
    from matplotlib.transforms import Bbox

    renderer = panel.figure.canvas.get_renderer() if hasattr(panel.figure.canvas, "get_renderer") else None
    drawn = panel.transData.transform(points)
    inside = panel.get_window_extent(renderer)
    taken: list[Any] = []
    placed = []
    for place, name in zip(chosen, names, strict=True):
        for far, ((right, up), across, along) in product(away, SIDES):
            text = panel.annotate(
                name,
                points[place],
                (far * right, far * up),
                textcoords="offset points",
                ha=across,
                va=along,
                fontsize=FONT,
                color=COLOUR,
                zorder=4,
                parse_math=False,
                path_effects=[withStroke(linewidth=2, foreground="white")],
            )
            box = text.get_window_extent(renderer)
            others = np.delete(drawn, place, axis=0)
            free = (
                inside.containsx(box.x0)
                and inside.containsx(box.x1)
                and inside.containsy(box.y0)
                and inside.containsy(box.y1)
                and not box.padded(ROOM).count_contains(others)
                and not any(Bbox.intersection(box, other) is not None for other in taken)
            )
            if free:
                taken.append(box)
                placed.append(name)
                if far > away[0]:
                    line = {"arrowstyle": "-", "color": COLOUR, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 5}
                    offset = (far * right, far * up)
                    panel.annotate("", points[place], offset, textcoords="offset points", arrowprops=line)
                break
            text.remove()
    return placed
