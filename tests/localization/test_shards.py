"""Shards of a corpus, localized by machines that know nothing of each other, join to what one machine would have written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from mate_hf.data.preparation import Prepared, prepare
from mate_hf.errors import MateError
from mate_hf.localization import pieces
from mate_hf.localization.join import join
from mate_hf.localization.shards import localize_share
from mate_hf.localization.stage import localize_prepared
from mate_hf.retrieval.retriever import Retriever
from mate_hf.text.decomposition.decompose import DecompositionReport
from mate_hf.utils.shards import Share
from tests.data.test_shards import held
from tests.localization.tiny_retriever import make_retriever
from tests.tiny import make_corpus


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    root = tmp_path_factory.mktemp("localize")
    return prepare(str(make_corpus(root / "folder", clips=12)), root / "prepared")


@pytest.fixture(scope="module")
def retriever(text_encoders: dict[str, Path]) -> Retriever:
    return make_retriever(text_encoders["bert"])


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "CLIPS_PER_PIECE", 2)


def at_words(captions: Sequence[str]) -> tuple[list[list[str]], DecompositionReport]:
    """Some more than a motion has units."""
    found = [caption.split() for caption in captions]
    several = sum(len(texts) > 1 for texts in found)
    return found, DecompositionReport("words", len(captions), len(captions), several)


def share_out(prepared: Prepared, retriever: Retriever, out: Path, count: int) -> list[Path]:
    places = [out / str(number) for number in range(1, count + 1)]
    for number, place in enumerate(places, start=1):
        localize_share(prepared, retriever, at_words, place, Share(number, count))
    return places


def report_of(folder: Path) -> dict[str, object]:
    report = json.loads((folder / "localization.json").read_text())
    return {**report, "seconds": 0, "command": ""}


@pytest.mark.parametrize("count", [1, 3, 9])
def test_joined_shards_are_the_dataset_of_one_machine(
    prepared: Prepared, retriever: Retriever, tmp_path: Path, count: int
) -> None:
    localize_prepared(prepared, retriever, at_words, tmp_path / "whole")
    places = share_out(prepared, retriever, tmp_path / "shards", count)
    report = join(places[::-1], tmp_path / "joined")
    assert report.captions == 24
    joined, whole = held(tmp_path / "joined"), held(tmp_path / "whole")
    del joined["localization.json"], whole["localization.json"]
    assert joined == whole
    assert report_of(tmp_path / "joined") == report_of(tmp_path / "whole")


def test_a_share_has_its_own_captions_cut_alone(
    prepared: Prepared, retriever: Retriever, tmp_path: Path
) -> None:
    asked: list[str] = []

    def cut(captions: Sequence[str]) -> tuple[list[list[str]], DecompositionReport]:
        asked.extend(captions)
        return at_words(captions)

    report = localize_share(prepared, retriever, cut, tmp_path / "1", Share(1, 3))
    assert report.captions == 8
    assert len(asked) <= 8
    assert not (tmp_path / "1" / "motions").exists()


def test_a_broken_shard_goes_on_where_it_stopped(
    prepared: Prepared, retriever: Retriever, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    localize_share(prepared, retriever, at_words, tmp_path / "whole", Share(1, 2))
    work, seen = pieces.Work.on, []

    def counted(self: pieces.Work, split: object, rows: list[int]) -> object:
        seen.append(rows)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return work(self, split, rows)

    monkeypatch.setattr(pieces.Work, "on", counted)
    with pytest.raises(KeyboardInterrupt):
        localize_share(prepared, retriever, at_words, tmp_path / "broken", Share(1, 2))
    assert not (tmp_path / "broken").exists()
    assert localize_share(prepared, retriever, at_words, tmp_path / "broken", Share(1, 2)).parts_found == 1
    first, second = ((tmp_path / name / "records.jsonl").read_text() for name in ("whole", "broken"))
    assert first == second


def test_another_corpus_is_not_what_they_are_shards_of(
    prepared: Prepared, retriever: Retriever, tmp_path: Path
) -> None:
    places = share_out(prepared, retriever, tmp_path / "shards", 2)
    other = prepare(str(make_corpus(tmp_path / "folder", clips=12, seed=1)), tmp_path / "other")
    assert other.corpus.stored is not None
    with pytest.raises(MateError, match=r"another corpus than .*/1 is a shard of.*--data"):
        join(places, tmp_path / "joined", data=tmp_path / "other")
    assert not (tmp_path / "joined").exists()


def test_a_corpus_that_was_moved_is_asked_for(
    prepared: Prepared, retriever: Retriever, tmp_path: Path
) -> None:
    assert prepared.corpus.stored is not None
    places = share_out(prepared, retriever, tmp_path / "shards", 1)
    manifest = places[0] / "shard.json"
    content = json.loads(manifest.read_text())
    content["facts"]["data"] = str(tmp_path / "gone")
    manifest.write_text(json.dumps(content))
    with pytest.raises(MateError, match=r"which is not there. Give the prepared corpus with --data"):
        join(places, tmp_path / "joined")
    join(places, tmp_path / "joined", data=prepared.corpus.stored.parent)
    assert (tmp_path / "joined").is_dir()


def test_shards_of_another_model_are_refused(
    prepared: Prepared, retriever: Retriever, tmp_path: Path, text_encoders: dict[str, Path]
) -> None:
    places = share_out(prepared, retriever, tmp_path / "shards", 2)
    other = make_retriever(text_encoders["bert"])
    other.model.state_dict()[
        "motion_mean" if "motion_mean" in other.model.state_dict() else next(iter(other.model.state_dict()))
    ].add_(1)
    shutil.rmtree(places[1])
    localize_share(prepared, other, at_words, places[1], Share(2, 2))
    with pytest.raises(
        MateError, match=r"shards/2 is no shard of the same work as .*shards/1: retrieval model"
    ):
        join(places, tmp_path / "joined")
