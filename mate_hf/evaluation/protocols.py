"""The field's four retrieval protocols, (a) to (d) of TMR (Petrovich et al. 2023, section 4.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.retrieval.metrics import (
    RANKS,
    chance_mean_recall,
    chance_recall,
    cosine_similarity,
    metrics_of_similarity,
)

HIT_SIMILARITY = 0.95
"""Captions more alike than this answer each other in (b), on TMR's scale (1 + cosine) / 2: a cosine over 0.9."""
DISSIMILAR_ITEMS = 100
BATCH = 32


def protocol_metrics(
    texts: Tensor,
    motions: Tensor,
    caption_similarity: Tensor | None,
    ids: Sequence[str],
    dissimilar_ids: Collection[str] | None = None,
) -> dict[str, dict[str, float]]:
    """Retrieval of a split, text to motion and motion to text, by each protocol.

    - `a`: every caption against every motion.
    - `b`: as (a), where any item whose caption is like the query's counts as found (`HIT_SIMILARITY`).
    - `c`: as (a), among 100 items of dissimilar captions: `dissimilar_ids`, else `dissimilar_subset`.
    - `d`: the mean over disjoint random batches of 32 (Guo et al. 2022).

    The order of the items does not matter: they are sorted by id.

    Args:
        texts: (N,D) sentence features of the retrieval model.
        motions: (N,D); row i belongs to row i of `texts`.
        caption_similarity: (N,N) cosines of the captions under a sentence encoder. Without it (b) is left out, and
            (c) too where `dissimilar_ids` is not given.
        ids: N names, none twice.
        dissimilar_ids: the items of (c); those that are not in `ids` are passed over, see `items`.

    Returns:
        For each protocol `metrics_of_similarity`, `chance_R@k` and `chance_mean_recall` (what a random ranking gives),
        `items`, how many queries were scored each way, and in (d) `batches`. Where there are fewer than 100 or 32
        items, (c) or (d) takes all there are, in one batch.

    Raises:
        MateError: shapes that do not fit together, features or similarities that are not finite, an id twice, a
            caption that is not like itself, or none of `dissimilar_ids` in `ids`.
    """
    _check(len(texts), caption_similarity, ids)
    order = sorted(range(len(ids)), key=ids.__getitem__)
    similarity = cosine_similarity(texts, motions)[order][:, order]
    results = {"a": _scored(similarity)}
    chosen = None
    if dissimilar_ids is not None:
        chosen = _rows_of(dissimilar_ids, [ids[row] for row in order])
    if caption_similarity is not None:
        captions = caption_similarity.cpu()[order][:, order]
        results["b"] = _scored(similarity, similar_captions(captions))
        chosen = dissimilar_subset(captions) if chosen is None else chosen
    if chosen is not None:
        results["c"] = _scored(similarity[chosen][:, chosen])
    results["d"] = _mean_of_batches(similarity)
    return results


def similar_captions(caption_similarity: Tensor) -> Tensor:
    """(N,N) cosines -> (N,N) bool, True where one caption's item answers the other's query in (b)."""
    return caption_similarity > 2 * HIT_SIMILARITY - 1


def dissimilar_subset(similarity: Tensor, size: int = DISSIMILAR_ITEMS) -> list[int]:
    """Rows of `size` captions that are least like one another: the smallest sum of similarities among them, nearly.

    The published lists come from a search for an approximate solution of this same problem. Here the caption most
    like the remaining ones is dropped until `size` remain (greedy peeling); then one of them is exchanged for one that
    was dropped, always the exchange that lowers the sum most, until none lowers it. Nothing is drawn at random; of
    equals the earlier row stays. Two like captions that are unlike all others can both be chosen, as in the published
    lists (that of KIT-ML holds "A person plays golf." twice).

    Args:
        similarity: (N,N), symmetric. With N of `size` or fewer, all rows are given.

    Returns:
        Rows, ascending.
    """
    matrix = similarity.float().cpu().numpy()
    kept = np.ones(len(matrix), dtype=bool)
    # Of each row with the kept ones, itself left out.
    sums = matrix.sum(1, dtype=np.float64) - matrix.diagonal()
    for _ in range(len(matrix) - size):
        worst = np.flatnonzero(kept & (sums == sums[kept].max()))[-1]
        kept[worst] = False
        sums -= matrix[worst]
        sums[worst] += matrix[worst, worst]
    while not kept.all():
        inside, outside = np.flatnonzero(kept), np.flatnonzero(~kept)
        change = sums[outside] - matrix[np.ix_(inside, outside)] - sums[inside, None]
        out, into = np.unravel_index(change.argmin(), change.shape)
        if change[out, into] > -1e-6:
            break
        leaves, enters = inside[out], outside[into]
        kept[[leaves, enters]] = False, True
        sums += matrix[enters] - matrix[leaves]
        sums[enters] -= matrix[enters, enters]
        sums[leaves] += matrix[leaves, leaves]
    return np.flatnonzero(kept).tolist()


def random_batches(items: int, size: int = BATCH) -> list[list[int]]:
    """Disjoint batches of rows 0..items-1, shuffled by NumPy's legacy generator with seed 0 as the field's code does.

    What does not fill a batch is dropped; fewer than `size` items are one batch.
    """
    order = np.arange(items)
    np.random.RandomState(0).shuffle(order)
    size = min(size, items)
    return [order[start : start + size].tolist() for start in range(0, items - size + 1, size)]


def _scored(similarity: Tensor, hits: Tensor | None = None) -> dict[str, float]:
    items = len(similarity)
    per_query = 1 if hits is None else hits.sum(1).numpy()
    return {
        **metrics_of_similarity(similarity, hits),
        **{f"chance_R@{k}": chance_recall(items, k, per_query) for k in RANKS},
        "chance_mean_recall": chance_mean_recall(items, per_query),
        "items": float(items),
    }


def _mean_of_batches(similarity: Tensor) -> dict[str, float]:
    scored = [_scored(similarity[batch][:, batch]) for batch in random_batches(len(similarity))]
    results = {name: float(np.mean([scores[name] for scores in scored])) for name in scored[0]}
    return results | {"items": results["items"] * len(scored), "batches": float(len(scored))}


def _rows_of(wanted: Collection[str], ids: Sequence[str]) -> list[int]:
    names = set(wanted)
    chosen = [row for row, name in enumerate(ids) if name in names]
    if not chosen:
        raise MateError(
            f"dissimilar_ids: none of the {len(wanted)} ids is an item of this split ({ids[0]!r}, …). "
            "Give the list that belongs to the split, or none: dissimilar captions are then chosen."
        )
    return chosen


def _check(items: int, caption_similarity: Tensor | None, ids: Sequence[str]) -> None:
    if len(ids) != items or len(set(ids)) != items:
        raise MateError(
            f"ids: {len(ids)} names, {len(set(ids))} different, for {items} items; expected one for each, none twice "
            "(of parts of a motion, the name of the clip)."
        )
    if caption_similarity is None:
        return
    if caption_similarity.shape != (items, items):
        raise MateError(
            f"caption_similarity: shape {tuple(caption_similarity.shape)}; expected ({items}, {items}), the cosine of "
            "every caption with every caption."
        )
    broken = ~caption_similarity.isfinite().all(1) | ~similar_captions(caption_similarity).diagonal()
    if broken.any():
        raise MateError(
            f"caption_similarity: {int(broken.sum())} of {items} rows hold a number that is not finite or a caption "
            f"that is not like itself ({ids[int(torch.argmax(broken.int()))]!r} is the first); expected cosines, "
            "1 on the diagonal."
        )
