"""How a frozen encoder's features spread over a set of captions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mate_hf.text.text_features import TextFeatures

CONSTANT = 1e-6
"""A channel that spreads less, of what the widest does, says nothing: it is not blown up."""

Spread = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Mean and standard deviation of each channel."""


class FeatureStatistics(NamedTuple):
    """Of token features (W,) and of sentence features (D,)."""

    tokens: Spread
    sentences: Spread


def feature_statistics(features: TextFeatures, captions: Sequence[str]) -> FeatureStatistics:
    """Of what an encoder says of captions, each once. Tokens are read caption by caption: they need not fit in memory."""
    unique = sorted(set(captions))
    return FeatureStatistics(
        _spread(features.tokens_of(caption) for caption in unique),
        _spread(features.sentence_of(caption)[None] for caption in unique),
    )


def _spread(parts: Iterable[NDArray[np.float32]]) -> Spread:
    count, total, squares = 0, np.float64(0), np.float64(0)
    first: NDArray[np.float64] | None = None
    for part in parts:
        rows = part.astype(np.float64)
        if first is None:
            first = rows[0].copy()
        # From a row of their own: squares of what lies far from zero would swallow a small spread.
        rows -= first
        count, total, squares = count + len(rows), total + rows.sum(0), squares + np.square(rows).sum(0)
    assert first is not None
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - np.square(mean), 0))
    std[std <= CONSTANT * std.max()] = 1.0
    return (mean + first).astype(np.float32), std.astype(np.float32)
