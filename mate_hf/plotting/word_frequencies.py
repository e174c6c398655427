"""How often words occur in the captions of a corpus: the most frequent ones as bars, all of them by rank."""

from __future__ import annotations

from collections.abc import Sequence

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.palette import in_order, looks_of
from mate_hf.utils.outputs import Output

MOST = 30


def draw_frequencies(
    lemmas: Sequence[str], counts: Sequence[int], classes: Sequence[str], place: Output, title: str = ""
) -> None:
    """Draw it to a `.png`, `.svg` or `.pdf`.

    Args:
        lemmas, counts: most frequent first, and how many words of the captions each has.
        classes: of each lemma.

    Raises:
        MateError: matplotlib is not installed, another ending, or a place that is not free.
    """
    figure = new_figure(11, 7)
    bars, ranks = figure.subplots(1, 2, width_ratios=(1, 1.15))
    shown = range(min(MOST, len(lemmas)))
    colours = [looks_of(name)[0] for name in classes]
    bars.barh(shown, [counts[row] for row in shown], color=[colours[row] for row in shown], height=0.7)
    bars.set_yticks(shown, [lemmas[row] for row in shown], parse_math=False)
    bars.set_ylim(len(shown) - 0.4, -0.6)
    bars.set_xlabel("occurrences in the training captions")
    bars.set_title(
        f"the {len(shown)} most frequent lemmas, coloured as at the right", loc="left", fontsize=11
    )
    bars.grid(axis="x", alpha=0.3)
    for name in in_order(classes):
        colour, marker = looks_of(name)
        rows = [row for row, found in enumerate(classes) if found == name]
        share = 100 * sum(counts[row] for row in rows) / max(1, sum(counts))
        label = f"{name}: {len(rows)} lemmas, {share:.0f} % of words"
        ranks.scatter(
            [row + 1 for row in rows],
            [counts[row] for row in rows],
            s=20,
            color=colour,
            marker=marker,
            label=label,
        )
    ranks.set_xscale("log")
    ranks.set_yscale("log")
    ranks.set_xlabel("rank of the lemma (log scale)")
    ranks.set_ylabel("occurrences (log scale)")
    ranks.set_title(f"all {len(lemmas)} lemmas by rank", loc="left", fontsize=11)
    ranks.grid(alpha=0.3)
    ranks.legend(framealpha=1, edgecolor="none", fontsize=9, loc="lower left")
    for panel in (bars, ranks):
        panel.set_axisbelow(True)
        panel.xaxis.set_major_formatter("{x:,.0f}")
        panel.spines[["top", "right"]].set_visible(False)
    ranks.yaxis.set_major_formatter("{x:,.0f}")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, parse_math=False)
    save_figure(figure, place)
