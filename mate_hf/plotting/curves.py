"""How losses and validations went, by step, of several runs together: a panel a measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.palette import OKABE_ITO, QUIET, STYLES
from mate_hf.utils.outputs import Output

COLUMNS = 3

NAMES = {
    "loss": "loss, all terms weighted",
    "rec": "reconstruction of motions (rec)",
    "sent": "sentences and motions, InfoNCE (sent)",
    "cross": "words in others' motions (cross)",
    "self": "words as their prototypes (self)",
    "align": "words and what they find, InfoNCE (align)",
    "ground": "attention in the word's segment (ground)",
    "hold": "sentences held where they were (hold)",
    "kl": "divergence from the prior (kl)",
    "latent": "latents of text and motion (latent)",
    "nce": "sentences and motions, InfoNCE (nce)",
    "root": "root of the body (root)",
    "body": "rest of the body (body)",
    "t2m/R@1": "right motion first, text to motion",
    "m2t/R@1": "right caption first, motion to text",
}
"""What measures of the log are, for titles; others stand under their own names."""

CHANCE = {"t2m/R@1": "chance_R@1", "m2t/R@1": "chance_R@1"}

Series = Mapping[str, Sequence[tuple[int, float]]]
"""By name of the log, `train/loss` or `val/loss`: (step, value)."""


@dataclass(frozen=True)
class LoggedRun:
    """A run as its log tells of it."""

    name: str
    series: Series


def measures_of(runs: Sequence[LoggedRun]) -> list[str]:
    """What there is to draw of any of them without asking: losses, and of retrieval R@1 both ways."""
    found = dict.fromkeys(name.partition("/")[2] for run in runs for name in run.series)
    losses = [
        name for name in found if name and "/" not in name and not name.startswith(("chance_", "mean_recall"))
    ]
    first = [name for name in ("loss",) if name in losses]
    return [*first, *(name for name in losses if name != "loss"), *(name for name in CHANCE if name in found)]


def draw_curves(
    runs: Sequence[LoggedRun], measures: Sequence[str], place: Output, title: str = "", log: bool = False
) -> None:
    """Draw them to a `.png`, `.svg` or `.pdf`.

    Args:
        runs: each in a colour of its own.
        measures: a panel each; what a run lacks is left out of it.
        log: losses on a logarithmic scale.

    Raises:
        MateError: matplotlib is not installed, another ending, or a place that is not free.
    """
    columns = min(COLUMNS, len(measures))
    rows = -(-len(measures) // columns)
    figure = new_figure(4.6 * columns, 0.9 + 2.9 * rows)
    panels = figure.subplots(rows, columns, squeeze=False)
    for panel, measure in zip(panels.flat, measures, strict=False):
        _panel(panel, runs, measure, log)
    for panel in panels.flat[len(measures) :]:
        panel.set_visible(False)
    _legend(figure, runs)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, parse_math=False)
    save_figure(figure, place)


def _panel(panel: Any, runs: Sequence[LoggedRun], measure: str, log: bool) -> None:
    is_share = "R@" in measure or measure.endswith("recall")
    for number, run in enumerate(runs):
        colour = OKABE_ITO[number % len(OKABE_ITO)]
        train, val = (run.series.get(f"{part}/{measure}", ()) for part in ("train", "val"))
        if train:
            panel.plot(*zip(*train, strict=True), color=colour, linewidth=1.3, alpha=0.55)
        if val:
            style = STYLES[1]
            panel.plot(
                *zip(*val, strict=True),
                color=colour,
                linewidth=1.6,
                linestyle=style,
                marker="o",
                markersize=3.5,
            )
        chance = run.series.get(f"val/{CHANCE.get(measure)}", ())
        if chance:
            panel.plot(*zip(*chance, strict=True), color=QUIET, linewidth=1, linestyle=STYLES[3])
    panel.set_title(NAMES.get(measure, measure), loc="left", fontsize=10, parse_math=False)
    panel.set_xlabel("optimiser step")
    panel.set_ylabel("% of the validation split" if is_share else "loss (no unit)")
    panel.grid(alpha=0.3)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    if is_share:
        panel.set_ylim(0, 102)
    elif log:
        panel.set_yscale("log")


def _legend(figure: Any, runs: Sequence[LoggedRun]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=OKABE_ITO[number % len(OKABE_ITO)], linewidth=3, label=run.name)
        for number, run in enumerate(runs)
        if len(runs) > 1
    ]
    names = {name for run in runs for name in run.series}
    if any(name.startswith("train/") for name in names):
        handles.append(Line2D([], [], color="#333333", linewidth=1.3, alpha=0.7, label="training"))
    if any(name.startswith("val/") for name in names):
        handles.append(
            Line2D([], [], color="#333333", linestyle="--", marker="o", markersize=3.5, label="validation")
        )
    if "val/chance_R@1" in names:
        handles.append(Line2D([], [], color=QUIET, linestyle=":", label="chance"))
    legend = figure.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False)
    for text in legend.get_texts():
        text.set_parse_math(False)
