"""Words on a plane before and after tuning, laid out from one start so that the two can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError

Array = NDArray[np.float64]

SEED = 0

PERPLEXITY = 15.0
"""So many neighbours does a word try to keep; fewer where there are few words."""

LEAST_POINTS = 5

SPREAD = 1e-4
"""Standard deviation of the start, as t-SNE's authors have it."""


@dataclass(frozen=True)
class Layout:
    """Points (N, 2) of each table, in one order, and the library that laid them out."""

    planes: tuple[Array, ...]
    method: str


def lay_out(*tables: NDArray[Any], what: str = "words", seed: int = SEED) -> Layout:
    """t-SNE by cosines of each table (N, width), all from the principal components of the first, turned alike.

    Args:
        what: the rows are, for the message.

    Raises:
        MateError: fewer than `LEAST_POINTS` rows.
    """
    if len(tables[0]) < LEAST_POINTS:
        raise MateError(
            f"{len(tables[0])} {what}; a map needs {LEAST_POINTS} or more. Choose another figure."
        )
    rows = [_directions(table) for table in tables]
    start = _start(rows[0])
    method, embed = _library()
    perplexity = min(PERPLEXITY, (len(start) - 1) / 3)
    planes = [embed(table, start, perplexity, seed) for table in rows]
    return Layout(tuple(_turned(plane, planes[0]) for plane in planes), method)


def _turned(plane: Array, towards: Array) -> Array:
    """A plane turned, or turned over, as near to another as it goes: what t-SNE finds has no direction of its own."""
    ours, theirs = plane - plane.mean(0), towards - towards.mean(0)
    left, _, right = np.linalg.svd(ours.T @ theirs)
    return np.asarray(ours @ (left @ right))


def _directions(table: NDArray[Any]) -> Array:
    """Rows of length 1: their Euclidean neighbours are those by cosine."""
    rows = np.asarray(table, dtype=np.float64)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _start(rows: Array) -> Array:
    """Two principal components, each with the sign that makes its largest entry positive."""
    left, sizes, _ = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    plane = left[:, :2] * sizes[:2]
    plane *= np.sign(plane[np.abs(plane).argmax(0), [0, 1]])
    return np.asarray(SPREAD * plane / max(float(plane[:, 0].std()), 1e-12))


Embed = Callable[[Array, Array, float, int], Array]


def _library() -> tuple[str, Embed]:
    """openTSNE where it is installed, else scikit-learn's t-SNE, which lays out otherwise in detail."""
    try:
        from openTSNE import TSNE
    except ImportError:
        return "t-SNE of scikit-learn; openTSNE is not installed", _by_sklearn

    def embed(rows: Array, start: Array, perplexity: float, seed: int) -> Array:
        layout = TSNE(perplexity=perplexity, initialization=start, random_state=seed, n_jobs=1).fit(rows)
        return np.asarray(layout, dtype=np.float64)

    return "t-SNE of openTSNE", embed


def _by_sklearn(rows: Array, start: Array, perplexity: float, seed: int) -> Array:
    from sklearn.manifold import TSNE

    layout = TSNE(perplexity=perplexity, init=start.astype(np.float32), random_state=seed)
    return np.asarray(layout.fit_transform(rows), dtype=np.float64)
