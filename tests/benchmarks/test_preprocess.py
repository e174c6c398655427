"""What the benchmark of preparing data feeds it."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice

from benchmarks.preprocess import distinct_captions


def test_no_two_captions_are_alike() -> None:
    captions = list(distinct_captions(50_000))
    assert len(set(captions)) == 50_000
    assert list(islice(distinct_captions(10), 3)) == captions[:3]


HOLDS = """
import os
from benchmarks.preprocess import _own_kib
before = _own_kib(os.getpid())
held = bytearray(os.urandom(1 << 20) * 64)
print(_own_kib(os.getpid()) - before)
"""


def test_memory_counts_what_a_process_holds() -> None:
    # A process of its own: one that ran other tests takes what it freed before.
    done = subprocess.run([sys.executable, "-c", HOLDS], capture_output=True, text=True, check=True)
    assert 60 << 10 < int(done.stdout) < 140 << 10
