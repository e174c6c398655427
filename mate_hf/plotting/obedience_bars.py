"""How many of a generator's bodies obey, by class of prompt and probe, several generators side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.palette import of_arm
from mate_hf.utils.outputs import Output

ALL = "all probes"

QUIET_TEXT = "#666666"

Share = tuple[float, float, float]
"""Percent, and from where to where its 95 % interval goes."""


@dataclass(frozen=True)
class Obeyed:
    """A generator.

    Attributes:
        shares: by class of prompt and probe; `ALL` is one of them.
    """

    name: str
    shares: Mapping[str, Mapping[str, Share]]


def draw_obedience(arms: Sequence[Obeyed], place: Output, title: str = "") -> None:
    """Draw it to a `.png`, `.svg` or `.pdf`: a panel a class, a row a probe, a bar a generator.

    Raises:
        MateError: matplotlib is not installed, another ending, or a place that is not free.
    """
    classes = list(dict.fromkeys(name for arm in arms for name in arm.shares))
    probes = list(dict.fromkeys(probe for arm in arms for shares in arm.shares.values() for probe in shares))
    probes = [*([ALL] if ALL in probes else []), *(probe for probe in probes if probe != ALL)]
    thick = 0.17 * len(arms) + 0.16
    figure = new_figure(1.2 + 3.9 * len(classes), 1.7 + thick * len(probes))
    panels = figure.subplots(1, len(classes), sharey=True, squeeze=False)[0]
    for panel, of_class in zip(panels, classes, strict=True):
        _panel(panel, arms, of_class, probes)
    panels[0].set_yticks(range(len(probes)), probes, parse_math=False)
    panels[0].get_yticklabels()[0].set_fontweight("bold" if probes[0] == ALL else "normal")
    panels[0].set_ylim(len(probes) - 0.4, -0.6)
    handles, labels = panels[0].get_legend_handles_labels()
    legend = figure.legend(handles, labels, loc="outside lower left", ncols=4, frameon=False)
    for text in legend.get_texts():
        text.set_parse_math(False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, parse_math=False)
    save_figure(figure, place)


def _panel(panel: Any, arms: Sequence[Obeyed], of_class: str, probes: Sequence[str]) -> None:
    height = 0.8 / len(arms)
    for number, arm in enumerate(arms):
        colour, hatch = of_arm(number)
        shares = arm.shares.get(of_class, {})
        rows = [
            row + (number - (len(arms) - 1) / 2) * height for row, name in enumerate(probes) if name in shares
        ]
        found = [shares[name] for name in probes if name in shares]
        means = [mean for mean, _, _ in found]
        reach = [
            [max(0.0, mean - low) for mean, low, _ in found],
            [max(0.0, high - mean) for mean, _, high in found],
        ]
        # White lines of the hatch, so that the interval in black stays legible on it.
        panel.barh(
            rows, means, height, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5, label=arm.name
        )
        panel.errorbar(means, rows, xerr=reach, fmt="none", ecolor="black", elinewidth=1, capsize=2)
    asked = {name for arm in arms for name in arm.shares.get(of_class, {})}
    for row, name in enumerate(probes):
        if name not in asked:
            panel.text(2, row, "not asked", va="center", fontsize=9, color=QUIET_TEXT)
    if probes and probes[0] == ALL:
        panel.axhline(0.5, color="#8a8a8a", linewidth=0.8)
    panel.set_title(of_class, loc="left", fontsize=11, parse_math=False)
    panel.set_xlim(0, 102)
    panel.set_xlabel("obeyed, % of motions (95 % interval)")
    panel.grid(axis="x", alpha=0.3)
    panel.set_axisbelow(True)
    panel.tick_params(axis="y", length=0)
    panel.spines[["top", "right"]].set_visible(False)
