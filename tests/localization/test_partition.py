"""Eq. 1 against the exhaustive search it stands for, ties included."""

from __future__ import annotations

from functools import reduce
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.localization import best_partition, usable_segments


def all_partitions(units: int, sub_texts: int) -> list[tuple[int, ...]]:
    """Every way to cut, the one whose boundaries come first leading."""
    return [(0, *inner, units) for inner in combinations(range(1, units), sub_texts - 1)]


def cost_of(edges: tuple[int, ...], costs: NDArray[np.floating]) -> float:
    parts = [float(costs[n, edges[n], edges[n + 1]]) for n in range(len(costs))]
    return reduce(lambda rest, part: part + rest, reversed(parts), 0.0)


@st.composite
def tables(draw: st.DrawFn) -> NDArray[np.float64]:
    units = draw(st.integers(1, 14))
    sub_texts = draw(st.integers(1, min(5, units)))
    # Few levels make ties; fine ones make every sum different.
    levels = draw(st.sampled_from((2, 3, 10, 10**9)))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return random.integers(-levels, levels, size=(sub_texts, units, units + 1)) / 8


@settings(max_examples=3000, deadline=None)
@given(tables())
def test_the_dynamic_programme_is_the_exhaustive_search(costs: NDArray[np.float64]) -> None:
    found = best_partition(costs)
    ways = all_partitions(costs.shape[1], len(costs))
    totals = [cost_of(edges, costs) for edges in ways]
    # min and index take the first of equals: the tie rule.
    assert found.cost == min(totals)
    assert found.edges == ways[totals.index(min(totals))]
    ranked = sorted(totals)
    assert found.margin == (ranked[1] - ranked[0] if len(ranked) > 1 else np.inf)


@given(st.integers(1, 9), st.integers(1, 5))
def test_no_usable_segment_is_left_out_and_none_is_encoded_in_vain(units: int, sub_texts: int) -> None:
    used = np.zeros((units, units + 1), dtype=bool)
    for edges in all_partitions(units, sub_texts):
        for start, end in pairwise(edges):
            used[start, end] = True
    if sub_texts <= units:
        assert (usable_segments(units, sub_texts) == used).all()


def test_segments_that_were_never_encoded_are_never_chosen() -> None:
    random = np.random.default_rng(0)
    costs = random.normal(size=(3, 8, 9))
    holes = np.where(usable_segments(8, 3), costs, np.nan)
    assert best_partition(holes) == best_partition(costs)


def test_more_sub_texts_than_units_is_refused() -> None:
    with pytest.raises(MateError, match="3 sub-texts for 2 units"):
        best_partition(np.zeros((3, 2, 3)))
