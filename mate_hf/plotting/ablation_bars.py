"""One measure of many runs: a bar an arm, its seeds as points, their spread as a line."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean, stdev
from typing import Any

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.palette import OKABE_ITO
from mate_hf.utils.outputs import Output

Seeds = Mapping[str, float]
"""Seed -> number."""


def draw_arms(found: Mapping[str, Mapping[str, Seeds]], measure: str, place: Output, title: str = "") -> None:
    """Draw it to a `.png`, `.svg` or `.pdf`.

    Args:
        found: corpus -> arm -> seed -> number; every arm has a seed.
        measure: its name, for the axis.

    Raises:
        MateError: matplotlib is not installed, another ending, or a place that is not free.
    """
    arms = list(dict.fromkeys(arm for of_corpus in found.values() for arm in of_corpus))
    figure = new_figure(2.6 + 4.6 * len(found), 1.9 + 0.42 * len(arms))
    panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for panel, (corpus, of_corpus) in zip(panels, found.items(), strict=True):
        _panel(panel, of_corpus, arms)
        panel.set_title(corpus, loc="left", fontsize=11, parse_math=False)
        panel.set_xlabel(measure, parse_math=False)
    panels[0].set_yticks(range(len(arms)), arms, parse_math=False)
    panels[0].set_ylim(len(arms) - 0.4, -0.6)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=3, frameon=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, parse_math=False)
    save_figure(figure, place)


def _panel(panel: Any, of_corpus: Mapping[str, Seeds], arms: list[str]) -> None:
    rows = [row for row, arm in enumerate(arms) if arm in of_corpus]
    numbers = [list(of_corpus[arm].values()) for arm in arms if arm in of_corpus]
    means = [fmean(values) for values in numbers]
    panel.barh(rows, means, 0.62, color=OKABE_ITO[0], alpha=0.75, label="mean over seeds")
    several = [
        (mean, row, stdev(values))
        for mean, row, values in zip(means, rows, numbers, strict=True)
        if len(values) > 1
    ]
    if several:
        places, at, spreads = zip(*several, strict=True)
        panel.errorbar(
            places,
            at,
            xerr=spreads,
            fmt="none",
            ecolor="black",
            elinewidth=1.4,
            capsize=4,
            zorder=4,
            label="± standard deviation",
        )
    points = [(value, row) for row, values in zip(rows, numbers, strict=True) for value in values]
    panel.scatter(
        *zip(*points, strict=True), s=24, color=OKABE_ITO[1], edgecolors="white", zorder=3, label="a seed"
    )
    for row, mean, values in zip(rows, means, numbers, strict=True):
        beyond = max(0.0, *values, mean + (stdev(values) if len(values) > 1 else 0.0))
        said = f"{mean:.3g} ({len(values)} {'seed' if len(values) == 1 else 'seeds'})"
        panel.annotate(said, (beyond, row), (7, 0), textcoords="offset points", va="center", fontsize=9)
    panel.margins(x=0.28)
    panel.axvline(0, color="#333333", linewidth=0.8)
    panel.grid(axis="x", alpha=0.3)
    panel.set_axisbelow(True)
    panel.tick_params(axis="y", length=0)
    panel.spines[["top", "right"]].set_visible(False)
