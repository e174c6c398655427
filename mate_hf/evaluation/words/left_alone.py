"""Whether words were left alone, in one sentence that cards, exports and tables quote."""

from __future__ import annotations

from typing import Any

from mate_hf.evaluation.words.unseen_words import HELD_OUT


def left_alone(metrics: dict[str, Any]) -> str:
    """The sentence; "" for results of a version that measured none of it, or where no base encoder was at hand.

    Args:
        metrics: of `mate evaluate words`.
    """
    parts = [
        part
        for part in (
            _retention(metrics.get("retention", {})),
            _unseen(metrics.get("unseen_words", {})),
            _displacement(metrics.get("displacement", {})),
        )
        if part
    ]
    return f"Words left alone: {'; '.join(parts)}." if parts else ""


def _retention(found: dict[str, Any]) -> str:
    if not found:
        return ""
    return (
        f"general English keeps cosine {found['cosine']['mean']:.3f} with its stock self and its order of likeness by rank "
        f"correlation {found['rank_correlation']['mean']:.3f}"
    )


def _unseen(found: dict[str, Any]) -> str:
    whole = found.get("halves", {}).get(HELD_OUT, {}).get("all", {})
    if "before" not in whole:
        return ""
    return (
        f"{whole['after']['mean']:.1f} % of {whole['after']['probes']} held-out unseen words are read right (stock "
        f"{whole['before']['mean']:.1f} %)"
    )


def _displacement(found: dict[str, Any]) -> str:
    ratio = found.get("function over direction")
    return "" if ratio is None else f"function words move {ratio:.2f} times as far as direction words"
