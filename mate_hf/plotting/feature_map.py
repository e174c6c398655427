"""What words find in motions, on a map with the prototypes that they are to resemble (Fig. 7 of the paper asks for it)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.labels import place_labels
from mate_hf.plotting.palette import OKABE_ITO
from mate_hf.plotting.word_plane import lay_out
from mate_hf.utils.outputs import Output

COLOURS, MARKERS = OKABE_ITO[:6], ("o", "^")
"""Lemmas of one colour differ by their markers."""

LARGEST, SMALLEST = 34, 13
"""Square points, of the first lemma's features and of the last's."""

STAR, STEP, NEAR = 280, 0.36, 0.02
"""Square points of a prototype, how much smaller it is on top of another, and when it is: in shares of the map's width."""

AWAY = (9, 18, 30, 44)
"""Points between a prototype and its name."""


def draw_feature_map(
    lemmas: Sequence[str],
    features: NDArray[Any],
    owners: Sequence[int],
    prototypes: NDArray[Any],
    read: Sequence[int],
    place: Output,
    title: str = "",
) -> None:
    """Draw it to a `.png`, `.svg` or `.pdf`.

    Args:
        lemmas: that are shown.
        features: (N, width), word-motion features f_w^m.
        owners: (N), of each feature the place of its lemma in `lemmas`.
        prototypes: (L, width), of each lemma.
        read: (L), in how many motions each lemma was found, of which as many are shown as there are features.

    Raises:
        MateError: matplotlib is not installed, too few features, another ending, or a place that is not free.
    """
    figure = new_figure(9, 7.6)
    axes = figure.subplots()
    layout = lay_out(np.concatenate([features, prototypes]), what="features")
    found, centres = np.split(layout.planes[0], [len(features)])
    whose = np.asarray(owners)
    for number, lemma in enumerate(lemmas):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number // len(COLOURS) % len(MARKERS)]
        points = found[whose == number]
        shown = f"{len(points)}" if len(points) == read[number] else f"{len(points)} of {read[number]}"
        label = f"{lemma} ({shown})"
        # What one word finds another may find, too: the later of two points on one another is the smaller.
        size = LARGEST - (LARGEST - SMALLEST) * number / max(len(lemmas) - 1, 1)
        axes.scatter(*points.T, s=size, color=colour, marker=marker, alpha=0.75, linewidths=0, label=label)
        star = STAR * STEP ** _before(centres, number)
        looks = {"color": colour, "edgecolors": "black", "linewidths": 0.8}
        axes.scatter(*centres[number], s=star, marker="*", zorder=3, **looks)
    axes.scatter([], [], s=STAR / 2, color="white", marker="*", edgecolors="black", label="prototype")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.margins(0.06)
    axes.set_xlabel("t-SNE 1 (no unit: near is alike)")
    axes.set_ylabel("t-SNE 2 (no unit)")
    legend = figure.legend(
        loc="outside right upper", frameon=False, fontsize=9, title="lemma (motions)", markerscale=1.3
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    figure.suptitle(
        f"{title}\n{layout.method}, by cosine".strip(), x=0.01, ha="left", fontsize=12, parse_math=False
    )
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    named = range(len(features), len(layout.planes[0]))
    place_labels(axes, layout.planes[0], named, lemmas, away=AWAY)
    save_figure(figure, place)


def _before(centres: NDArray[Any], number: int) -> int:
    """How many of the prototypes before this one lie where it lies."""
    near = NEAR * float(np.ptp(centres, axis=0).max())
    return int((np.linalg.norm(centres[:number] - centres[number], axis=1) < near).sum())
