"""Work shared among processes, its results in order and never many of them waiting."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol, TypeVar

from mate_hf.errors import MateError
from mate_hf.utils.endings import watch_parent

T = TypeVar("T")
R = TypeVar("R")

FEW_MOTIONS = 500
"""Fewer are opened, or acted out, by one process: starting another takes seconds."""

FEW_WORKERS = 32
"""Processes that any machine may be asked for."""

AHEAD = 3
"""Shares a process works ahead of whoever takes the results: memory stays flat where these are slower."""


class OrderedMap(Protocol):
    """`map`: a function of one item, and the items."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]: ...


def require_workers(workers: int | None) -> None:
    """Hold a number of processes against this machine.

    Raises:
        MateError: fewer than one, or far more than it could run.
    """
    most = max(FEW_WORKERS, 4 * usable_cores())
    if workers is not None and not 1 <= workers <= most:
        raise MateError(f"workers: {workers}; expected 1 to {most} on this machine.")


@contextmanager
def ordered_map(workers: int, share: int = 16) -> Iterator[OrderedMap]:
    """`map` in this process, or in several: the same results in the same order.

    Args:
        workers: processes; 1 is this one.
        share: items that a process takes at a time.

    Raises:
        MateError: see `require_workers`.
    """
    require_workers(workers)
    if workers == 1:
        yield map
        return
    # Spawned, not forked: a fork of a process in which torch runs threads may hang.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)
    try:

        def shared(function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
            waiting: deque[Future[list[R]]] = deque()
            for taken in shares(items, share):
                waiting.append(pool.submit(_each, function, taken))
                if len(waiting) > AHEAD * workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()

        yield shared
    finally:
        pool.shutdown(cancel_futures=True)


def shares(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in order, `size` at a time; the last share may be smaller."""
    rest = iter(items)
    while taken := list(islice(rest, size)):
        yield taken


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def fair_workers(items: int, few: int) -> int:
    """One process where items are few (starting another takes seconds), else one a core that this process may use."""
    return usable_cores() if items > few else 1


def _begin() -> None:
    """A worker ends with its parent and not before: a terminal's Ctrl-C is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    watch_parent(parent.sentinel)


def _each(function: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    return [function(item) for item in items]
