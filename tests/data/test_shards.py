"""Shards of a folder, prepared by machines that know nothing of each other, join to what one machine would have written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mate_hf.data.preparation import prepare
from mate_hf.data.shards import join_prepared, prepare_shard
from mate_hf.utils.shards import open_shards
from tests.data.folders import CAPTION, some_motion, write_lists, write_motion


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with all that can happen to a clip: refused, too long, odd, in two lists, cut, without captions."""
    folder = tmp_path_factory.mktemp("shards") / "corpus"
    train = [f"t{number}" for number in range(9)]
    for number, name in enumerate([*train, "v0", "v1", "s0", "s1"]):
        captions = [
            f"a person walks {way}#x/X#0.0#0.0" for way in ("left", "walking", "leaves")[: 1 + number % 3]
        ]
        write_motion(folder, name, some_motion(number, 45 + number), "\n".join(captions))
    write_motion(folder, "t2", some_motion(2, 120), f"{CAPTION}\nturns#x/X#1.0#4.0\nsits#x/X#50.0#51.0")
    write_motion(folder, "t3", some_motion(3, 230))
    write_motion(folder, "t5", np.full((60, 263), np.nan, np.float32))
    (folder / "texts" / "t6.txt").write_text("no annotation\n")
    (folder / "new_joint_vecs" / "s1.npy").unlink()
    write_lists(folder, " ".join([*train, "t1"]), "v0 v1 t4", "s0 s1 t3")
    return folder


@pytest.fixture(scope="module")
def whole(folder: Path) -> Path:
    """What one machine writes."""
    prepare(folder, folder.parent / "whole", workers=1)
    return folder.parent / "whole"


def made(folder: Path, out: Path, count: int) -> list[Path]:
    """All shards of a folder."""
    places = [out / str(number) for number in range(1, count + 1)]
    for number, place in enumerate(places, start=1):
        prepare_shard(folder, place, f"{number}/{count}", workers=1)
    return places


def held(corpus: Path) -> dict[str, object]:
    """Every file of a prepared corpus, but the mark that `datasets` draws for a table of motions."""
    files: dict[str, object] = {
        file.relative_to(corpus).as_posix(): file.read_bytes() for file in corpus.rglob("*") if file.is_file()
    }
    del files["motions/state.json"]
    return {**files, "report.json": {**json.loads((corpus / "report.json").read_text()), "checked": ""}}


@pytest.mark.parametrize("count", [1, 2, 3, 20])
def test_joined_shards_are_the_corpus_of_one_machine(
    folder: Path, whole: Path, tmp_path: Path, count: int
) -> None:
    places = made(folder, tmp_path, count)
    joined = join_prepared(open_shards(places[::-1]), tmp_path / "joined")
    assert held(tmp_path / "joined") == held(whole)
    assert len(held(whole)) > 12
    assert joined.corpus.report.refused
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*(p.name for p in places), "joined"])
