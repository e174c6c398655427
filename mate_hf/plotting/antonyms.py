"""How far words and sentences of opposite motion came apart: each pair before and after, synonyms beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.utils.outputs import FILE, Output

BEFORE, AFTER = "#8a8a8a", "#0072b2"
"""Of Okabe and Ito's palette, which colour-blind readers tell apart."""

PANELS = (
    ("antonym_words", "words of opposite motion"),
    ("antonym_sentences", "sentences with such words"),
    ("synonym_words", "words of like motion"),
    ("synonym_sentences", "sentences with such words"),
)

AROUND = 1
"""Words at either side by which pairs are told apart that differ in the same words."""

LABEL_WIDTH = 30
"""Characters of a label before it goes on in a second line."""


def plot_antonyms(
    before: dict[str, Any],
    after: dict[str, Any],
    out: str | Path,
    title: str = "",
    overwrite: bool = False,
) -> Path:
    """Draw cosines of pairs as arrows from before to after.

    Args:
        before, after: of `cosine_probes`, of the stock and of the trained encoder.
        out: file to write; its ending chooses the form (.png, .svg, .pdf).
        title: above the picture.
        overwrite: replace the file that stands at `out`.

    Returns:
        `out`.

    Raises:
        MateError: matplotlib is not installed, or `out` exists or has an ending that it does not know.
    """
    place = Output(Path(out), FILE, overwrite)
    place.require_free()
    draw_antonyms(before, after, place, title)
    return Path(out)


def draw_antonyms(before: dict[str, Any], after: dict[str, Any], place: Output, title: str = "") -> None:
    """`plot_antonyms` to a place.

    Raises:
        MateError: matplotlib is not installed, another ending, or a place that is not free.
    """
    heights = [len(after[name]["pairs"]) for name, _ in PANELS]
    figure = new_figure(11, 6.4)
    axes = figure.subplots(
        2,
        2,
        height_ratios=(max(heights[:2]), max(heights[2:])),
    )
    for panel, (name, what) in zip(axes.flat, PANELS, strict=True):
        _panel(panel, before[name], after[name], what)
    for panel in axes[1]:
        panel.set_xlabel("cosine similarity (means above each panel)")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    save_figure(figure, place)


def _panel(panel: Any, before: dict[str, Any], after: dict[str, Any], what: str) -> None:
    known = {tuple(pair["texts"]): pair["cosine"] for pair in before["pairs"]}
    names = _named([(first, second) for first, second in (pair["texts"] for pair in after["pairs"])])
    starts = [known[tuple(pair["texts"])] for pair in after["pairs"]]
    ends = [pair["cosine"] for pair in after["pairs"]]
    rows = range(len(names))
    panel.hlines(rows, starts, ends, color=AFTER, alpha=0.35, linewidth=2)
    panel.scatter(starts, rows, color=BEFORE, s=28, label="stock encoder", zorder=3)
    panel.scatter(ends, rows, color=AFTER, s=28, marker="D", label="after MATE", zorder=3)
    panel.set_yticks(rows, names)
    panel.set_ylim(len(names) - 0.3, -0.7)
    panel.set_xlim(min(0.0, *starts, *ends) - 0.04, 1.02)
    panel.grid(axis="x", alpha=0.3)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.tick_params(axis="y", length=0)
    panel.set_title(f"{what}: {before['mean']:.2f} → {after['mean']:.2f}", loc="left", fontsize=10)


def _named(texts: Sequence[tuple[str, str]]) -> list[str]:
    """The words in which two texts differ; where pairs differ alike, with what stands before those words, too."""
    differing = [_difference(*pair) for pair in texts]
    return [
        name if differing.count(name) == 1 else _difference(*pair, around=AROUND)
        for name, pair in zip(differing, texts, strict=True)
    ]


def _difference(first: str, second: str, around: int = 0) -> str:
    ours, theirs = first.split(), second.split()
    if len(ours) != len(theirs) or len(ours) == 1:
        return "\n".join(wrap(f"{first} / {second}", LABEL_WIDTH))
    places = [place for place, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1]]
    parts = [
        " ".join(
            [
                *ours[max(0, place - around) : place],
                f"{ours[place]} / {theirs[place]}",
                *ours[place + 1 :][:around],
            ]
        )
        for place in places
    ]
    return "\n".join(wrap(", ".join(parts), LABEL_WIDTH))
