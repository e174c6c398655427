"""Eq. 1: the cheapest cut of a motion into as many contiguous segments as its caption has sub-texts.

The objective is a sum over segments, so a dynamic programme over unit boundaries finds the optimum of the paper's
exhaustive search in O(N U^2) instead of over all C(U-1, N-1) partitions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError


@dataclass(frozen=True)
class Partition:
    """A motion of U units cut into N segments.

    Attributes:
        edges: N+1 unit boundaries from 0 to U; segment n covers the units edges[n] .. edges[n+1] - 1.
        cost: the sum of Eq. 1.
        margin: how much more the second-cheapest partition costs: 0 where two tie, infinite where there is no
            other.
    """

    edges: tuple[int, ...]
    cost: float
    margin: float


def best_partition(costs: NDArray[np.floating]) -> Partition:
    """The cheapest partition; of equally cheap ones, that whose boundaries come first, compared from the left.

    Args:
        costs: (N, U, U+1); costs[n, i, j] is what the segment of units i .. j-1 costs sub-text n. Only entries
            with i < j that `usable_segments` names are read.

    Raises:
        MateError: more sub-texts than units.
    """
    N, U, _ = costs.shape
    if N > U:
        raise MateError(f"{N} sub-texts for {U} units of motion; every sub-text needs a unit of its own.")
    starts, ends = np.arange(U)[:, None], np.arange(U + 1)[None, :]
    # Cheapest and second-cheapest way to spend the units from i on for the sub-texts from n on.
    first = np.full(U + 1, np.inf)
    first[U] = 0.0
    second = np.full(U + 1, np.inf)
    choices = np.zeros((N, U), dtype=np.int64)
    for n in reversed(range(N)):
        cost = np.where(starts < ends, costs[n].astype(np.float64), np.inf)
        # The units behind j can still be cut, and none is left over; else the entry may hold anything.
        open_end = np.isfinite(first)
        through = np.where(open_end, np.where(open_end, cost, 0.0) + first, np.inf)
        runner_up = np.where(np.isfinite(second), np.where(np.isfinite(second), cost, 0.0) + second, np.inf)
        # argmin takes the first of equals: the earliest boundary.
        choice = through.argmin(axis=1)
        rows = np.arange(U)
        first = np.append(through[rows, choice], np.inf)
        through[rows, choice] = np.inf
        second = np.append(np.minimum(through.min(axis=1), runner_up.min(axis=1)), np.inf)
        choices[n] = choice
    edges = [0]
    for n in range(N):
        edges.append(int(choices[n, edges[-1]]))
    return Partition(tuple(edges), float(first[0]), float(second[0] - first[0]))


def usable_segments(units: int, sub_texts: int) -> NDArray[np.bool_]:
    """(U, U+1) True at [i, j] where units i .. j-1 are a segment of some partition into `sub_texts` segments.

    Two sub-texts need 2 (U-1) segments, more need nearly all U (U+1) / 2; nothing else has to be encoded.
    """
    starts, ends = np.arange(units)[:, None], np.arange(units + 1)[None, :]
    usable = np.zeros((units, units + 1), dtype=bool)
    for n in range(sub_texts):
        before, behind = n, sub_texts - 1 - n
        begins = starts == 0 if before == 0 else starts >= before
        stops = ends == units if behind == 0 else ends <= units - behind
        usable |= begins & stops & (starts < ends)
    return usable
