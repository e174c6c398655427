"""Shares leave nothing out and nothing twice; shards of one work alone are joined, and only when all are there and whole."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.utils.shards import Share, finish_shard, open_shards


def shard(folder: Path, number: int, count: int = 3, command: str = "prepare", **agreed: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "clips.jsonl").write_text("{}\n" * number)
    finish_shard(folder, command, Share(number, count), {"torch": "2.13", **agreed}, {})
    return folder


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    return [shard(tmp_path / f"s{number}", number) for number in (1, 2, 3)]


@given(items=st.lists(st.integers()), count=st.integers(1, 12))
def test_shares_are_all_of_it_each_item_once_and_as_even_as_can_be(items: list[int], count: int) -> None:
    shares = [Share(number, count).of(items) for number in range(1, count + 1)]
    joined = [shares[place % count][place // count] for place in range(len(items))]
    assert joined == items
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize(
    "text", ["0/8", "9/8", "2", "2/0", "-1/8", "1.0/2", "a/b", "1/2/3", "", " 1/2", "²/3", "1/999999999"]
)
def test_what_is_no_share_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(MateError, match=r"expected NUMBER/COUNT, such as 2/8"):
        Share.parse(text)


def test_a_share_is_read_as_it_is_written() -> None:
    assert str(Share.parse("2/8")) == "2/8"


def test_shards_come_in_their_order(three: list[Path]) -> None:
    assert [opened.folder for opened in open_shards([three[2], three[0], three[1]])] == three


def changed(part: str, value: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = json.loads((folder / "shard.json").read_text())
        content[part] = value
        (folder / "shard.json").write_text(json.dumps(content))

    return change


def replaced(**how: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        shutil.rmtree(folder)
        shard(folder, **{"number": 2, **how})

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (shutil.rmtree, r"s2: not a shard \(no shard.json\).*does not exist"),
        (lambda folder: (folder / "clips.jsonl").unlink(), r"s2: not whole: 'clips.jsonl' is missing"),
        (
            lambda folder: (folder / "clips.jsonl").write_text("{"),
            r"s2: not whole: 'clips.jsonl' is of 1 bytes; 6 bytes were written",
        ),
        (replaced(torch="2.12"), r"s2 is no shard of the same work as .*s1: torch '2.12' against '2.13'"),
        (replaced(command="localize"), r"s2 .*: command 'localize' against 'prepare'"),
        (replaced(count=4), r"s2 .*: number of shards 4 against 3"),
        (replaced(further="x"), r"s2 .*: further 'x' against None"),
        (replaced(number=3), r"shard 3/3 is there twice: .*s2 and .*s3"),
        (lambda folder: (folder / "shard.json").write_text("["), r"shard.json could not be read"),
        (changed("files", []), r"field 'files' is \[\]; expected an object"),
        (changed("files", {"../s1/clips.jsonl": 3}), r"no place inside"),
        (changed("shard", "4/3"), r"shard.json: shard: '4/3'"),
    ],
)
def test_what_cannot_be_joined_is_named(
    three: list[Path], change: Callable[[Path], object], said: str
) -> None:
    change(three[1])
    with pytest.raises(MateError) as refused:
        open_shards(three)
    assert re.search(said, " ".join(str(refused.value).split()))


def test_missing_shards_are_named(three: list[Path]) -> None:
    with pytest.raises(MateError, match="2 of 3 shards missing: 1/3, 3/3"):
        open_shards(three[1:2])
    with pytest.raises(MateError, match="no shards"):
        open_shards([])
