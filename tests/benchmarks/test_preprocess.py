"""What the benchmark of preparing data feeds it."""

from __future__ import annotations

import os
from itertools import islice

from benchmarks.preprocess import _own_kib, distinct_captions


def test_no_two_captions_are_alike() -> None:
    captions = list(distinct_captions(50_000))
    assert len(set(captions)) == 50_000
    assert list(islice(distinct_captions(10), 3)) == captions[:3]


def test_memory_counts_what_a_process_holds() -> None:
    before = _own_kib(os.getpid())
    held = bytearray(os.urandom(1 << 20) * 64)
    grown = _own_kib(os.getpid()) - before
    assert len(held) == 64 << 20
    assert 60 << 10 < grown < 100 << 10
