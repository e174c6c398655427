"""Intervals against scipy's, and why prompts are resampled and not motions."""

from __future__ import annotations

from inspect import signature

import numpy as np
import pytest
from scipy import stats

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import intervals


@pytest.mark.parametrize(("right", "trials"), [(0, 7), (3, 7), (7, 7), (48, 50), (500, 1000)])
def test_wilson_is_scipys(right: int, trials: int) -> None:
    expected = stats.binomtest(right, trials).proportion_ci(0.95, method="wilson")
    assert intervals.wilson(right, trials) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_the_bootstrap_over_prompts_is_scipys_over_their_means() -> None:
    random = np.random.default_rng(0)
    groups = random.random((40, 6)) < random.random((40, 1))
    found = intervals.share([list(group) for group in groups])
    # Before scipy 1.15 it has the older name.
    seeded = "rng" if "rng" in signature(stats.bootstrap).parameters else "random_state"
    expected = stats.bootstrap(
        (100 * groups.mean(1),), np.mean, method="percentile", n_resamples=20_000, **{seeded: random}
    ).confidence_interval
    assert found.mean == pytest.approx(100 * groups.mean())
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.8)
    assert (found.prompts, found.motions) == (40, 240)


def test_groups_of_unequal_size_count_by_their_motions() -> None:
    found = intervals.mean([[1.0, 1.0, 1.0], [5.0]])
    assert found.mean == 2.0
    assert (found.prompts, found.motions) == (2, 4)
    assert (found.low, found.high) == (1.0, 5.0)


def test_resamples_of_unequal_groups_are_means_over_motions_too() -> None:
    random = np.random.default_rng(2)
    groups = [list(random.normal(size, 1.0, size)) for size in (1, 2, 3, 12) * 5]
    means = []
    for _ in range(4000):
        drawn = [groups[place] for place in random.integers(len(groups), size=len(groups))]
        means.append(np.mean([value for group in drawn for value in group]))
    found = intervals.mean(groups)
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(means, (2.5, 97.5))), abs=0.2)


def test_an_interval_over_motions_of_misread_prompts_holds_the_truth_far_too_seldom() -> None:
    random, hits = np.random.default_rng(1), {"prompts": 0, "motions": 0}
    for trial in range(200):
        groups = np.repeat(random.random((30, 1)) < 0.7, 8, axis=1)
        for name, shaped in (("prompts", groups), ("motions", groups.reshape(-1, 1))):
            found = intervals.share([list(group) for group in shaped], seed=trial)
            assert found.low is not None
            assert found.high is not None
            hits[name] += found.low <= 70.0 <= found.high
    assert hits["prompts"] > 180
    assert hits["motions"] < 140


def test_where_all_obey_the_interval_is_wilsons_over_prompts() -> None:
    found = intervals.share([[True] * 8] * 10)
    low, high = intervals.wilson(10, 10)
    assert (found.mean, found.low, found.high) == (100.0, 100 * low, 100 * high)
    assert str(found) == "100.0 [72.2, 100.0]"
    alike = intervals.mean([[2.0]] * 3)
    assert (alike.low, alike.high, str(alike)) == (None, None, "2.0")


def test_nothing_has_no_mean() -> None:
    for groups in ([], [[]]):
        with pytest.raises(MateError):
            intervals.share(groups)
    with pytest.raises(MateError):
        intervals.wilson(0, 0)
