"""Text-motion retrieval: recall at k and median rank, both ways, by the definitions of TMR (Petrovich et al. 2023)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.nn import functional as F

from mate_hf.errors import MateError

RANKS = (1, 2, 3, 5, 10)


def cosine_similarity(text: Tensor, motion: Tensor) -> Tensor:
    """Cosine of every caption with every motion: (N,D) and (N,D) -> (N,N) float32 on the CPU.

    Raises:
        MateError: no rows, shapes that differ, or features that are not finite.
    """
    text, motion = _checked(text, motion)
    # Float64 rounded to float32: the same features give the same score wherever they stand, so ties are ties.
    return (F.normalize(text, dim=-1) @ F.normalize(motion, dim=-1).T).float()


def distance_similarity(text: Tensor, motion: Tensor) -> Tensor:
    """Negative Euclidean distance of every caption to every motion, as `cosine_similarity` otherwise."""
    text, motion = _checked(text, motion)
    return -torch.cdist(text, motion, compute_mode="donot_use_mm_for_euclid_dist").float()


def _checked(text: Tensor, motion: Tensor) -> tuple[Tensor, Tensor]:
    if text.ndim != 2 or text.shape != motion.shape or not len(text):
        raise MateError(
            f"retrieval: text features {tuple(text.shape)} and motion features {tuple(motion.shape)}; expected the "
            "same (N,D) with N of 1 or more, row i of one belonging to row i of the other."
        )
    for name, features in (("text", text), ("motion", motion)):
        broken = int((~features.isfinite().all(1)).sum())
        if broken:
            raise MateError(
                f"retrieval: {broken} of {len(features)} rows of the {name} features are not finite: the model has "
                "diverged or read broken data. Lower lr or set max_grad_norm and train on from an earlier checkpoint, "
                "or evaluate an earlier one."
            )
    return text.cpu().double(), motion.cpu().double()


def ranks_of_pairs(similarity: Tensor, hits: Tensor | None = None) -> NDArray[np.float64]:
    """Rank of each row's best hit in a similarity matrix (N,N); 1 is best, ties take their mean rank.

    Args:
        similarity: (N,N), queries in rows.
        hits: (N,N) bool, what counts as found, at least one a row; the diagonal if not given.
    """
    if hits is None:
        best = similarity.diagonal().unsqueeze(1)
    else:
        best = similarity.masked_fill(~hits, -torch.inf).amax(1, keepdim=True)
    better = (similarity > best).sum(1)
    others_equal = (similarity == best).sum(1) - 1
    return (1 + better + others_equal / 2).cpu().numpy().astype(np.float64)


def metrics_of_similarity(similarity: Tensor, hits: Tensor | None = None) -> dict[str, float]:
    """Recalls and median ranks, both ways.

    Args:
        similarity: (N,N), captions in rows, motions in columns.
        hits: (N,N) bool, row i: the items that answer query i, for captions and motions alike; the pair if not given.

    Returns:
        For `t2m` and `m2t`: `R@k` in percent and `MedR`; `mean_recall`, the mean of all R@k.
        As in TMR's code a hit's position counted from 0 must be under k: a mean rank of 1.5 is found at 1.
    """
    results: dict[str, float] = {}
    for way, matrix in (("t2m", similarity), ("m2t", similarity.T)):
        positions = ranks_of_pairs(matrix, hits) - 1
        results |= {f"{way}/R@{k}": float((positions < k).mean() * 100) for k in RANKS}
        results[f"{way}/MedR"] = float(np.median(positions) + 1)
    results["mean_recall"] = float(np.mean([value for name, value in results.items() if "R@" in name]))
    return results


def retrieval_metrics(
    text: Tensor, motion: Tensor, similarity: Callable[[Tensor, Tensor], Tensor] = cosine_similarity
) -> dict[str, float]:
    """Every caption against every motion: protocol (a).

    Args:
        text: (N,D); motion: (N,D); row i of one belongs to row i of the other.
        similarity: `cosine_similarity` or `distance_similarity`.

    Returns:
        `metrics_of_similarity` and `chance_R@1`, what guessing gives.

    Raises:
        MateError: as `cosine_similarity` does.
    """
    results = metrics_of_similarity(similarity(text, motion))
    return results | {"chance_R@1": chance_recall(len(text), 1)}


def chance_recall(items: int, k: int, hits: ArrayLike = 1) -> float:
    """Recall at k, in percent, of a ranking drawn at random.

    A query with h hits among n items misses them all with probability C(n-h, k) / C(n, k) (hypergeometric).

    Args:
        items: n.
        hits: h, or (N,), one for each query: the mean over queries is given.
    """
    drawn = np.arange(min(k, items))
    missed = np.clip(items - np.atleast_1d(hits)[:, None] - drawn, 0, None) / (items - drawn)
    return float(100 * (1 - missed.prod(1)).mean())


def chance_mean_recall(items: int, hits: ArrayLike = 1) -> float:
    """What `mean_recall` would be by guessing among `items`."""
    return float(np.mean([chance_recall(items, k, hits) for k in RANKS]))
