"""Shards of a folder, prepared by machines that know nothing of each other, join to what one machine would have written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mate_hf.data import motion_files, preparation, shards
from mate_hf.data.joined_shards import join_prepared
from mate_hf.data.preparation import prepare
from mate_hf.data.shards import prepare_shard
from mate_hf.errors import MateError
from mate_hf.text.lemmas import Lemmatizer
from mate_hf.utils.shards import open_shards
from tests.data.folders import CAPTION, some_motion, write_lists, write_motion
from tests.data.walking_body import walking


@pytest.fixture(scope="module", autouse=True)
def one_lemmatizer() -> Iterator[None]:
    """Opened once: spaCy takes a second."""
    lemmatizer = Lemmatizer()
    with pytest.MonkeyPatch.context() as patch:
        for module in (preparation, shards):
            patch.setattr(module, "lemmatizer_for", lambda *_: lemmatizer)
        yield


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


@pytest.mark.parametrize("count", [1, 2, 3, 14])
def test_joined_shards_are_the_corpus_of_one_machine(
    folder: Path, whole: Path, tmp_path: Path, count: int
) -> None:
    places = made(folder, tmp_path, count)
    joined = join_prepared(open_shards(places[::-1]), tmp_path / "joined")
    assert held(tmp_path / "joined") == held(whole)
    assert len(held(whole)) > 12
    assert joined.corpus.report.refused
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*(p.name for p in places), "joined"])


def test_a_shard_is_no_corpus_and_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    [place] = made(folder, tmp_path, 1)
    with pytest.raises(MateError, match=r"a shard of a corpus. Join all of them with `mate join`"):
        prepare(place, tmp_path / "out")


def test_shards_of_another_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    """Also where its lists are the same, and wherever each machine has it."""
    places = made(folder, tmp_path / "shards", 2)
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    shutil.rmtree(places[1])
    prepare_shard(copy, places[1], "2/2", workers=1)
    assert open_shards(places)
    write_motion(copy, "t0", some_motion(99, 50))
    prepare_shard(copy, places[1], "2/2", workers=1, overwrite=True)
    with pytest.raises(
        MateError, match=r"2 is no shard of the same work as .*1: motions and captions looked at"
    ):
        open_shards(places)
    write_lists(copy, "t0 t1", "v0", "s0")
    prepare_shard(copy, places[1], "2/2", workers=1, overwrite=True)
    with pytest.raises(MateError, match=r"2 is no shard of the same work as .*1: split lists"):
        open_shards(places)


def test_shards_of_other_settings_are_refused(folder: Path, tmp_path: Path) -> None:
    places = made(folder, tmp_path, 2)
    shutil.rmtree(places[1])
    prepare_shard(folder, places[1], "2/2", workers=1, scale=1)
    with pytest.raises(MateError, match=r"2 is no shard of the same work as .*1: written_in \{'scale': 1\}"):
        open_shards(places)


def test_a_folder_with_statistics_keeps_them(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "given")
    np.save(copy / "Mean.npy", np.full(263, 0.5, np.float32))
    np.save(copy / "Std.npy", np.full(263, 2.0, np.float32))
    prepare(copy, tmp_path / "whole", workers=1)
    join_prepared(open_shards(made(copy, tmp_path, 2)), tmp_path / "joined")
    assert held(tmp_path / "joined") == held(tmp_path / "whole")
    assert np.load(tmp_path / "joined" / "Mean.npy")[0] == 0.5


def test_shards_are_made_of_folders_alone(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"no HumanML3D or KIT-ML folder.*without --shard"):
        prepare_shard(whole, tmp_path / "out", "1/2")
    assert not list(tmp_path.iterdir())


def with_line(change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    """Changes the first clip of a shard, and keeps the book on sizes right."""

    def damage(shard: Path) -> None:
        lines = (shard / "clips.jsonl").read_text().splitlines()
        record = json.loads(lines[0])
        change(record)
        (shard / "clips.jsonl").write_text("\n".join([json.dumps(record), *lines[1:]]) + "\n")

    return damage


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            with_line(lambda record: record.update(id="x")),
            "line 1: clip 'x' of train; expected 't0' of train",
        ),
        (with_line(lambda record: record.update(motion=99)), "line 1: motion 99 is not in"),
        (with_line(lambda record: record.update(motion=-1)), "the motion of 't0' is missing"),
        (with_line(lambda record: record.update(frames=7)), "line 1: 7 frames; its motion has 45"),
        (
            with_line(lambda record: record.update(captions=[["a", 0, 0]])),
            "line 1: caption .*expected a text and two",
        ),
        (
            with_line(lambda record: record.update(captions=[["a", 0.0, float("inf")]])),
            "line 1: caption .*two times in seconds",
        ),
        (with_line(lambda record: record.update(odd=[1])), "line 1: 1; expected text"),
        (with_line(lambda record: record.pop("problems")), "line 1 has no field 'problems'"),
        (lambda shard: (shard / "clips.jsonl").write_text(""), "clips.jsonl has no field 'split'"),
        (
            lambda shard: (shard / "clips.jsonl").open("a").write((shard / "clips.jsonl").read_text()),
            "a clip that no split list names",
        ),
        (
            lambda shard: (shard / "lists.json").write_text('{"train": ["t0"]}'),
            "lists.json: splits .'train'.; expected",
        ),
        (
            lambda shard: (shard / "votes.json").write_text('{"a": {"b": "c"}}'),
            "votes.json: 'a' has .*a count a lemma",
        ),
        (lambda shard: shutil.rmtree(shard / "motions"), "line 1: motion 0 is not in"),
    ],
)
def test_a_damaged_shard_is_named_and_nothing_is_written(
    folder: Path, whole: Path, tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    places = [shutil.copytree(place, tmp_path / place.name) for place in ready(folder)]
    shards = open_shards(places)
    damage(places[0])
    with pytest.raises(MateError, match=said):
        join_prepared(shards, tmp_path / "joined")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "2"]


def ready(folder: Path) -> list[Path]:
    """Two shards, made once."""
    out = folder.parent / "two"
    return [out / "1", out / "2"] if out.is_dir() else made(folder, out, 2)


def test_a_broken_shard_keeps_the_features_that_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of joints, which take longest."""
    corpus = tmp_path / "corpus"
    for number in range(4):
        write_motion(corpus, f"j{number}", walking(60))
    write_lists(corpus, "j0 j1 j2 j3")
    monkeypatch.setattr(shards, "finish_shard", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        prepare_shard(corpus, tmp_path / "out", "1/2", workers=1)
    assert not (tmp_path / "out").exists()
    kept = tmp_path / ".out.parts" / "features"
    assert sorted(path.name for path in kept.iterdir()) == ["j0.npy", "j2.npy"]
    monkeypatch.undo()
    monkeypatch.setattr(motion_files, "joints_to_features", None)
    assert prepare_shard(corpus, tmp_path / "out", "1/2", workers=1).motions == 2
    assert not kept.exists()
