"""What an encoder keeps: general English without motion, in the stock encoder and in the tuned one.

`general_sentences.txt` holds groups of five, each under its topic: two pairs that say the same in other words, and one more of the topic. So
pairs are alike by degrees: paraphrases, one topic, two topics.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from mate_hf.evaluation.obedience.intervals import TAILS
from mate_hf.text.encoders import TextEncoder

SENTENCES = Path(__file__).parent / "general_sentences.txt"
NEIGHBOURS = 10
RESAMPLES = 300

Array = NDArray[np.float64]


def general_sentences() -> dict[str, list[str]]:
    """Topic -> its five sentences: two paraphrases, two more, one alone."""
    groups = SENTENCES.read_text(encoding="utf-8").strip().split("\n\n")
    lines = [group.splitlines() for group in groups]
    return {first.removeprefix("# "): rest for first, *rest in lines}


def retention_metrics(before: TextEncoder, after: TextEncoder) -> dict[str, Any]:
    """`retention` of the built-in sentences."""
    texts = [text for group in general_sentences().values() for text in group]
    stock, tuned = (encoder.sentence_features(texts).double().cpu().numpy() for encoder in (before, after))
    return retention(stock, tuned)


def retention(stock: Array, tuned: Array, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Any]:
    """How alike two encoders find the same sentences.

    Args:
        stock, tuned: features of the same sentences (N,D).

    Returns:
        `sentences`, and with `mean` and the 95 % interval `low`, `high` of a bootstrap over sentences: `cosine`, mean cosine of a sentence's two features;
        `cosine_p5`, their 5th percentile; `rank_correlation`, Spearman's, of the cosines of all pairs of two sentences;
        `neighbours`, percent of a sentence's 10 nearest of the list that are the same; `common`, percent of the squared displacement of unit features
        that is one shift of all sentences. A repeated draw makes no pair with itself.
    """
    first, second = _normalised(stock), _normalised(tuned)
    own = (first * second).sum(1)
    moved = second - first
    near = first @ first.T, second @ second.T
    kept = _kept_neighbours(*near)
    drawn = np.random.default_rng(seed).integers(len(own), size=(resamples, len(own)))

    def estimate(measure: Callable[[NDArray[np.int64]], float]) -> dict[str, float]:
        low, high = np.percentile([measure(rows) for rows in drawn], TAILS).tolist()
        return {"mean": measure(np.arange(len(own))), "low": low, "high": high}

    return {
        "sentences": len(own),
        "cosine": estimate(lambda rows: float(own[rows].mean())),
        "cosine_p5": estimate(lambda rows: float(np.percentile(own[rows], 5))),
        "rank_correlation": estimate(lambda rows: _rank_correlation(*near, rows)),
        "neighbours": estimate(lambda rows: float(100 * kept[rows].mean())),
        "common": estimate(lambda rows: _common(moved[rows])),
    }


def _common(moved: Array) -> float:
    total = (moved**2).sum()
    return float(100 * len(moved) * (moved.mean(0) ** 2).sum() / total) if total else 0.0


def _normalised(features: Array) -> Array:
    found: Array = features / np.linalg.norm(features, axis=1, keepdims=True)
    return found


def _kept_neighbours(stock: Array, tuned: Array) -> Array:
    """Per sentence, the share of its nearest that both have."""
    count = min(NEIGHBOURS, len(stock) - 1)
    near = []
    for cosines in (stock, tuned):
        others = cosines.copy()
        np.fill_diagonal(others, -np.inf)
        near.append(np.argsort(-others, axis=1, kind="stable")[:, :count])
    return np.array([len(np.intersect1d(*pair)) / count for pair in zip(*near, strict=True)])


def _rank_correlation(stock: Array, tuned: Array, rows: NDArray[np.int64]) -> float:
    one, other = np.triu_indices(len(rows), 1)
    one, other = rows[one], rows[other]
    apart = one != other
    places = one[apart], other[apart]
    return float(spearmanr(stock[places], tuned[places]).statistic)
