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

MARKERS = ("o", "^")
"""Lemmas of one colour differ by these."""


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
        colour, marker = OKABE_ITO[number % len(OKABE_ITO)], MARKERS[number // len(OKABE_ITO) % len(MARKERS)]
        points = found[whose == number]
        shown = f"{len(points)}" if len(points) == read[number] else f"{len(points)} of {read[number]}"
        label = f"{lemma} ({shown})"
        axes.scatter(*points.T, s=15, color=colour, marker=marker, alpha=0.75, linewidths=0, label=label)
        axes.scatter(*centres[number], s=190, color=colour, marker="*", edgecolors="black", zorder=3)
    axes.scatter([], [], s=120, color="white", marker="*", edgecolors="black", label="prototype")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.margins(0.06)
    axes.set_xlabel("t-SNE 1 (no unit: near is alike)")
    axes.set_ylabel("t-SNE 2 (no unit)")
    legend = figure.legend(loc="outside right upper", frameon=False, fontsize=9, title="lemma (motions)")
    for text in legend.get_texts():
        text.set_parse_math(False)
    figure.suptitle(
        f"{title}\n{layout.method}, by cosine".strip(), x=0.01, ha="left", fontsize=12, parse_math=False
    )
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    place_labels(axes, centres, range(len(lemmas)), lemmas, away=9)
    save_figure(figure, place)
