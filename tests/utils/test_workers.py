"""Sharing work changes when it is done, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from mate_hf.errors import MateError
from mate_hf.utils.workers import AHEAD, fair_workers, ordered_map, require_workers


def squared(number: int) -> tuple[int, int]:
    if number < 0:
        raise MateError(f"{number} is negative")
    return number * number, os.getpid()


def counted(numbers: range, taken: list[int]) -> Iterator[int]:
    for number in numbers:
        taken.append(number)
        yield number


def test_results_come_in_order_from_other_processes_that_never_run_far_ahead() -> None:
    taken: list[int] = []
    share = 3
    with ordered_map(2, share) as mapped:
        results = mapped(squared, counted(range(100), taken))
        found = [next(results)]
        # Shares under way, and the one whose results are being handed out.
        assert len(taken) <= share * (2 * AHEAD + 1)
        found += results
    assert [value for value, _ in found] == [number**2 for number in range(100)]
    assert os.getpid() not in {process for _, process in found}


def test_one_worker_is_this_process_and_takes_one_item_at_a_time() -> None:
    taken: list[int] = []
    with ordered_map(1) as mapped:
        assert next(mapped(squared, counted(range(9), taken))) == (0, os.getpid())
    assert taken == [0]


def test_an_error_comes_back_as_itself() -> None:
    with pytest.raises(MateError, match="-1 is negative"), ordered_map(2, share=1) as mapped:
        list(mapped(squared, [1, -1, 2]))


def test_few_items_get_one_worker() -> None:
    assert fair_workers(10, few=10) == 1
    assert fair_workers(11, few=10) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("workers", [0, -3, 100_000])
def test_no_machine_runs_no_process_or_a_hundred_thousand(workers: int) -> None:
    with pytest.raises(MateError, match=rf"workers: {workers}; expected 1 to \d+"), ordered_map(workers):
        pass
    require_workers(None)
    require_workers(32)
