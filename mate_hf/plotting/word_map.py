"""The words of a corpus on a map, before and after tuning side by side: coloured by their class, contraries joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.labels import place_labels
from mate_hf.plotting.palette import in_order, looks_of
from mate_hf.plotting.word_plane import lay_out
from mate_hf.utils.outputs import Output

JOINED = "#333333"

SHOWN_WORDS = 45
"""Words that are tried to be named in a panel, those of contraries first; where two names meet the later one is left out."""


@dataclass(frozen=True)
class MappedWords:
    """What is drawn.

    Attributes:
        words: most frequent first.
        classes: of each.
        before, after: (N, width), their embeddings by the stock and by the trained encoder; before None: there is no stock encoder.
        pairs: places in `words` of contraries.
    """

    words: Sequence[str]
    classes: Sequence[str]
    before: NDArray[Any] | None
    after: NDArray[Any]
    pairs: Sequence[tuple[int, int]] = ()


def draw_word_map(shown: MappedWords, place: Output, title: str = "") -> None:
    """Draw it to a `.png`, `.svg` or `.pdf`.

    Raises:
        MateError: matplotlib is not installed, too few words, another ending, or a place that is not free.
    """
    tables = {"after tuning": shown.after}
    if shown.before is not None:
        tables = {"stock encoder": shown.before, **tables}
    figure = new_figure(6.6 * len(tables), 7.2)
    layout = lay_out(*tables.values())
    panels = np.atleast_1d(figure.subplots(1, len(tables)))
    for panel, (name, table), plane in zip(panels, tables.items(), layout.planes, strict=True):
        _panel(panel, plane, shown)
        panel.set_title(f"{name}{_apart(table, shown.pairs)}", loc="left", fontsize=11)
        panel.set_xlabel("t-SNE 1 (no unit: near is alike)")
    panels[0].set_ylabel("t-SNE 2 (no unit)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, markerscale=1.5
    )
    start = "" if shown.before is None else ", both from one start"
    heading = f"{title}\n{layout.method}, by cosine, {len(shown.words)} words{start}".strip()
    figure.suptitle(heading, x=0.01, ha="left", fontsize=12, parse_math=False)
    # Names are put where points leave room, which is known once the panels have their places.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for panel, plane in zip(panels, layout.planes, strict=True):
        order = [*dict.fromkeys(place for pair in shown.pairs for place in pair), *range(len(shown.words))]
        named = list(dict.fromkeys(order))[:SHOWN_WORDS]
        place_labels(panel, plane, named, [shown.words[place] for place in named])
    save_figure(figure, place)


def _panel(panel: Any, plane: NDArray[np.float64], shown: MappedWords) -> None:
    for number, (first, second) in enumerate(shown.pairs):
        ends = plane[[first, second]]
        label = "contraries" if number == 0 else None
        panel.plot(ends[:, 0], ends[:, 1], color=JOINED, linewidth=0.9, alpha=0.6, zorder=1, label=label)
    classes = np.asarray(shown.classes)
    for name in in_order(shown.classes):
        colour, marker = looks_of(name)
        points = plane[classes == name]
        panel.scatter(
            *points.T,
            s=26,
            color=colour,
            marker=marker,
            linewidths=0.4,
            edgecolors="white",
            label=name,
            zorder=2,
        )
    panel.margins(0.08)
    panel.set_xticks([])
    panel.set_yticks([])


def _apart(table: NDArray[Any], pairs: Sequence[tuple[int, int]]) -> str:
    """The mean cosine of the contraries, for a map tells of neighbours and not of angles."""
    if not pairs:
        return ""
    rows = np.asarray(table, dtype=np.float64)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    cosines = [float(rows[first] @ rows[second]) for first, second in pairs]
    return f": contraries' cosine {np.mean(cosines):.2f} on average"
