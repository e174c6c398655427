"""A short run of the fuzzer, and that it finds what it looks for."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import fuzz, fuzz_readers
from benchmarks.fuzz import GOOD, fuzz_all
from benchmarks.fuzz_damage import BOMBS, DAMAGES, HOSTILE, damage
from benchmarks.fuzz_reader import Reader
from benchmarks.fuzz_readers import READERS
from mate_hf.errors import MateError

CHEAP = (
    "captions",
    "split lists",
    "npy",
    "settings",
    "plans",
    "a run",
    "results",
    "tables of captions",
    "prompts",
    "parts and ledgers",
    "answers",
    "safetensors",
    "word vectors",
    "the field",
    "pickles",
    "PyTorch",
    "TorchScript",
    "retrieval checkpoints",
    "checkpoints of a training",
)


def test_whatever_is_damaged_is_read_or_refused_in_words_of_ours(tmp_path: Path) -> None:
    outcomes = list(fuzz_all(tmp_path / "fuzz", range(200), seed=3, only=CHEAP))
    assert not [one for one in outcomes if one.outcome not in GOOD]
    assert len(outcomes) == 200
    assert min(Counter(one.outcome for one in outcomes).values()) > 30


@pytest.mark.slow
def test_every_reader(tmp_path: Path) -> None:
    outcomes = list(fuzz_all(tmp_path / "fuzz", range(2000), seed=4))
    assert not [one for one in outcomes if one.outcome not in GOOD]
    assert {one.reader for one in outcomes} == {*READERS}


def raises(_: Path) -> None:
    raise KeyError("a")


def never_ends(_: Path) -> None:
    while True:
        pass


def waits(_: Path) -> None:
    while True:
        time.sleep(1)


def writes_elsewhere(folder: Path) -> None:
    (folder.parents[5] / "owned").write_text("")


def grows(_: Path) -> None:
    np.ones(2**24)


def shouts(_: Path) -> None:
    raise MateError("x" * 5000)


def shows(_: Path) -> None:
    raise MateError("\x1b[31m red \x9b2J")


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a traceback": (raises, "foreign"),
    "no end": (never_ends, "hang"),
    "waiting without end": (waits, "hang"),
    "a crash": (lambda folder: os._exit(3), "crash"),
    "much memory": (grows, "memory"),
    "more than there is": (lambda folder: np.ones(2**40), "memory"),
    "a program": (lambda folder: os.system("true"), "obeyed"),
    "another program": (lambda folder: subprocess.run([sys.executable, "-c", ""]), "obeyed"),
    "a path elsewhere": (writes_elsewhere, "obeyed"),
    "a secret": (lambda folder: (folder.parent / "secret").read_text(), "obeyed"),
    "a long error": (shouts, "shown"),
    "an error that a terminal would obey": (shows, "refused"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    reads, expected = FAULTS[fault]
    at_fault = [False]

    def opened(folder: Path) -> None:
        # The sample itself is read.
        if at_fault[0]:
            reads(folder)
        at_fault[0] = True

    monkeypatch.setattr(
        fuzz_readers, "READERS", {"a": Reader(lambda folder: (folder / "a").write_text("a" * 100), opened)}
    )
    monkeypatch.setattr(fuzz, "LIMIT", 0.5)
    monkeypatch.setattr(fuzz, "ROOM", 2**26)
    inside = tmp_path / "1" / "2" / "3" / "fuzz"
    [first, second] = fuzz_all(inside, range(2))
    assert (first.outcome, second.outcome) == (expected, expected)


def test_much_memory_is_found_where_as_much_was_held_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Too small to be mapped each by itself; the last stays, so that nothing below it is given back.
    held = [bytes(2**16) for _ in range(2**12)]
    last = held.pop()
    held.clear()
    test_it_finds(tmp_path, monkeypatch, "much memory")
    assert last


def test_the_same_seed_damages_alike(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        (tmp_path / "a").write_text('{"a": [1, 2, {"b": "left"}]}')
        damage(tmp_path / "a", random.Random(11))
        found.append((tmp_path / "a").read_bytes())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x93NUMPY\x01\x00\x02\x00{\n", b'{"a": 1}\n{"b": [2]}\n', b"x", bytes(range(256)), *BOMBS[:3]],
)
def test_everything_can_be_damaged(content: bytes) -> None:
    draw = random.Random(0)
    for kind in DAMAGES:
        for _ in range(20):
            assert isinstance(kind(content, draw), bytes)
    assert len(HOSTILE) > 20
