"""How far training moved the rows of the embedding table, a bar a class of word."""

from __future__ import annotations

from typing import Any

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.palette import in_order, looks_of
from mate_hf.utils.outputs import Output


def draw_displacement(found: dict[str, Any], place: Output, title: str = "") -> None:
    """Draw it to a `.png`, `.svg` or `.pdf`.

    Args:
        found: `displacement` of `mate evaluate words`.

    Raises:
        MateError: matplotlib is not installed, another ending, or a place that is not free.
    """
    classes = found["classes"]
    names = in_order([name for name in classes if name != "all"])
    figure = new_figure(9, 1.8 + 0.5 * len(names))
    axes = figure.subplots()
    rows = range(len(names))
    means = [classes[name]["mean"] for name in names]
    axes.barh(rows, means, color=[looks_of(name)[0] for name in names], height=0.62, label="mean")
    for what, marker in (("median", "|"), ("largest", "D")):
        size = 260 if marker == "|" else 26
        values = [classes[name][what] for name in names]
        axes.scatter(
            values, rows, marker=marker, s=size, color="#222222", linewidths=1.6, label=what, zorder=3
        )
    axes.set_yticks(rows, [f"{name} ({classes[name]['rows']} rows)" for name in names])
    axes.invert_yaxis()
    whole = classes["all"]["mean"]
    axes.axvline(whole, color="#555555", linewidth=1, linestyle="--", label=f"mean of all rows, {whole:.2f}")
    axes.set_xlabel("displacement, in median lengths of a stock row (bar: mean of the class)")
    axes.set_xlim(0)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    kept = [(handle, label) for handle, label in zip(handles, labels, strict=True) if label != "mean"]
    figure.legend(*zip(*kept, strict=True), loc="outside lower right", ncols=3, frameon=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, parse_math=False)
    save_figure(figure, place)
