"""What grows over a long training is seen, and over a short one nothing does."""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.soak import Look, grown, kept, soak
from mate_hf.training.vq_task import VQTask
from tests.tiny import flags
from tests.training.conftest import corpus, forget_accelerate
from tests.training.every_script import tiny_settings

__all__ = ["corpus"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
Soaked = Callable[[], list[Look]]


def looks(**growth: float) -> list[Look]:
    flat = {"seconds": 1.0, "mib": 500.0, "files": 20, "threads": 3, "processes": 1}
    return [
        Look(step, **{name: value + growth.get(name, 0) * step for name, value in flat.items()})  # type: ignore[arg-type]
        for step in range(100)
    ]


def test_growth_is_told_from_the_second_tenth_on() -> None:
    assert kept(grown(looks()))
    assert kept(grown(looks(mib=0.1)))
    assert not kept(grown(looks(mib=0.3)))
    assert not kept(grown(looks(files=1)))
    assert not kept(grown(looks(processes=1)))


@pytest.fixture
def soaked(corpus: Path, tmp_path: Path) -> Iterator[Soaked]:
    forget_accelerate()
    given = tiny_settings("train-vq", tmp_path, tmp_path) | {"epochs": 1000, "checkpoint_steps": 5}

    def train() -> list[Look]:
        argv = flags(**given, data=corpus, output_dir=tmp_path / "run", cpu_threads=1)
        return soak("train-vq", argv, 60, 3)

    yield train
    forget_accelerate()


def test_a_training_holds_no_more_files_than_at_its_beginning(soaked: Soaked) -> None:
    found = soaked()
    assert [look.step for look in found] == list(range(3, 60, 3))
    growth = grown(found)
    assert (growth["files"], growth["processes"]) == (0, 0)


def test_what_a_step_leaves_open_is_found(soaked: Soaked, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[tuple[tuple[int, int], mmap.mmap]] = []

    def leaves(_: VQTask) -> None:
        # Pages of its own: what an allocator has from other tests is this process's already.
        pages = mmap.mmap(-1, 2**20)
        pages.write(b"1" * 2**20)
        left.append((os.pipe(), pages))

    monkeypatch.setattr(VQTask, "after_step", leaves)
    growth = grown(soaked())
    for pipe, pages in left:
        pages.close()
        for end in pipe:
            os.close(end)
    assert growth["files"] > 50
    assert growth["mib"] > 20
