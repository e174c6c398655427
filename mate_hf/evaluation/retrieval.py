"""Text-motion retrieval: recall at k and median rank, both ways (Guo et al. 2022; protocol (a) of TMR)."""

from __future__ import annotations

import numpy as np
from torch import Tensor
from torch.nn import functional as F

RANKS = (1, 2, 3, 5, 10)


def ranks_of_pairs(similarity: Tensor) -> np.ndarray:
    """Rank of the paired item in each row of a similarity matrix (N,N); 1 is best, ties take their mean rank."""
    own = similarity.diagonal().unsqueeze(1)
    better = (similarity > own).sum(1)
    equal = (similarity == own).sum(1) - 1
    return (1 + better + equal / 2).cpu().numpy()


def retrieval_metrics(text: Tensor, motion: Tensor) -> dict[str, float]:
    """Every caption against every motion, by cosine.

    Args:
        text: (N,D); motion: (N,D); row i of one belongs to row i of the other.

    Returns:
        For `t2m` and `m2t`: `R@k` in percent for k of 1, 2, 3, 5, 10 and `MedR`; `mean_recall`, the mean of all R@k;
        `chance_R@1`, what guessing gives.
    """
    similarity = F.normalize(text.float(), dim=-1) @ F.normalize(motion.float(), dim=-1).T
    results: dict[str, float] = {}
    for way, matrix in (("t2m", similarity), ("m2t", similarity.T)):
        ranks = ranks_of_pairs(matrix)
        results |= {f"{way}/R@{k}": float((ranks <= k).mean() * 100) for k in RANKS}
        results[f"{way}/MedR"] = float(np.median(ranks))
    results["mean_recall"] = float(np.mean([value for name, value in results.items() if "R@" in name]))
    results["chance_R@1"] = 100.0 / len(similarity)
    return results


def chance_mean_recall(items: int) -> float:
    """What `mean_recall` would be by guessing among `items`."""
    return float(np.mean([min(k / items, 1.0) * 100 for k in RANKS]))
