"""`mate localize`: what it adds, what it counts, and that a broken or shared run gives the same Dataset."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from datasets import load_from_disk
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data.columns import MotionColumn
from mate_hf.data.preparation import Prepared, load_prepared, prepare
from mate_hf.errors import MateError
from mate_hf.localization import pieces, stage
from mate_hf.localization.stage import localize_prepared
from mate_hf.retrieval.retriever import Retriever
from mate_hf.text.decomposition.decompose import DecompositionReport
from tests.localization.tiny_retriever import make_retrieval_model, make_retriever
from tests.tiny import make_corpus
from tests.together import together


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    root = tmp_path_factory.mktemp("localize")
    return prepare(str(make_corpus(root / "folder", clips=12)), root / "prepared")


@pytest.fixture
def retriever(text_encoders: dict[str, Path]) -> Retriever:
    return make_retriever(text_encoders["bert"])


def at_and(captions: Sequence[str]) -> tuple[list[list[str]], DecompositionReport]:
    return [caption.replace(", then", " and").split(" and ") for caption in captions], DecompositionReport(
        "and"
    )


def at_words(captions: Sequence[str]) -> tuple[list[list[str]], DecompositionReport]:
    return [caption.split() for caption in captions], DecompositionReport("words")


def columns(folder: Path) -> dict[str, list[object]]:
    splits = load_from_disk(folder)
    return {
        f"{name}/{column}": list(split[column])
        for name, split in splits.items()
        for column in ("id", "caption", "sub_texts", "segments", "cost", "margin")
    }


def test_segments_follow_one_another_through_each_motion(
    prepared: Prepared, retriever: Retriever, tmp_path: Path
) -> None:
    report = localize_prepared(prepared, retriever, at_and, tmp_path / "out")
    found = load_prepared(tmp_path / "out")
    assert found.vocabulary.lemmas == prepared.vocabulary.lemmas
    several = 0
    for name, split in found.corpus.splits.items():
        assert split.is_localized
        assert list(split["caption"]) == list(prepared.corpus.splits[name]["caption"])
        for row in split.captions.select_columns(
            ["caption", "length", "sub_texts", "segments", "cost", "margin"]
        ):
            assert row["sub_texts"] == at_and([row["caption"]])[0][0]
            assert len(row["segments"]) == len(row["sub_texts"])
            assert row["segments"][0][0] == 0
            assert row["segments"][-1][1] == row["length"]
            ends = [end for _, end in row["segments"][:-1]]
            assert ends == [start for start, _ in row["segments"][1:]]
            assert all(end % 10 == 0 for end in ends)
            assert 0 <= row["cost"] <= 2 * len(row["sub_texts"])
            assert (row["margin"] == float("inf")) == (len(ends) == 0)
            several += len(ends) > 0
    assert (report.captions, report.several, report.merged) == (24, several, 0)
    assert json.loads((tmp_path / "out" / "localization.json").read_text())["several"] == several
    assert not list(tmp_path.glob(".out*"))


def test_too_many_sub_texts_are_merged_and_counted(
    prepared: Prepared, retriever: Retriever, tmp_path: Path
) -> None:
    report = localize_prepared(prepared, retriever, at_words, tmp_path / "out")
    assert report.merged > 0
    for split in load_prepared(tmp_path / "out").corpus.splits.values():
        assert all(
            len(texts) <= length // 10
            for texts, length in zip(split["sub_texts"], split["length"], strict=True)
        )


def test_a_broken_run_goes_on_where_it_stopped(
    prepared: Prepared, retriever: Retriever, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "CLIPS_PER_PIECE", 2)
    localize_prepared(prepared, retriever, at_and, tmp_path / "whole")
    work, seen = pieces.Work.on, []

    def counted(self: pieces.Work, split: object, rows: list[int]) -> object:
        seen.append(rows)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return work(self, split, rows)

    monkeypatch.setattr(pieces.Work, "on", counted)
    with pytest.raises(KeyboardInterrupt):
        localize_prepared(prepared, retriever, at_and, tmp_path / "broken")
    assert not (tmp_path / "broken").exists()
    report = localize_prepared(prepared, retriever, at_and, tmp_path / "broken")
    assert report.parts_found == 3
    assert len(seen) == 4 + 6 - 3
    assert columns(tmp_path / "broken") == columns(tmp_path / "whole")


def test_parts_of_other_settings_are_not_taken_up(
    prepared: Prepared, retriever: Retriever, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "CLIPS_PER_PIECE", 2)
    work = stage.gather
    monkeypatch.setattr(stage, "gather", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        localize_prepared(prepared, retriever, at_and, tmp_path / "out")
    monkeypatch.setattr(stage, "gather", work)
    assert (
        localize_prepared(prepared, retriever, at_and, tmp_path / "out", unit_seconds=0.25).parts_found == 0
    )


def test_two_processes_share_the_work_and_write_the_same(
    text_encoders: dict[str, Path], tmp_path: Path, corpus_folder: Path
) -> None:
    run = make_retrieval_model(text_encoders["bert"], tmp_path / "run")
    command = ["localize", str(corpus_folder), "--retrieval", str(run), "--out"]
    alone = CliRunner().invoke(app, [*command, str(tmp_path / "1")])
    assert alone.exit_code == 0, alone.output
    said = together("-m", "mate_hf.cli", *command, tmp_path / "2")
    # The main process alone reports: the others know that they are not alone.
    assert alone.stdout.count("captions,") == said.count("captions,") == 1
    assert columns(tmp_path / "1") == columns(tmp_path / "2")


@pytest.fixture
def corpus_folder(tmp_path: Path) -> Path:
    prepare(str(make_corpus(tmp_path / "corpus", clips=12)), tmp_path / "prepared")
    return tmp_path / "prepared"


def test_an_existing_dataset_is_not_replaced_unasked(
    prepared: Prepared, retriever: Retriever, tmp_path: Path
) -> None:
    localize_prepared(prepared, retriever, at_and, tmp_path / "out")
    with pytest.raises(MateError, match="exists already"):
        localize_prepared(prepared, retriever, at_and, tmp_path / "out")
    localize_prepared(prepared, retriever, at_and, tmp_path / "out", overwrite=True)


def test_a_model_of_another_kind_of_motion_is_refused(
    prepared: Prepared, retriever: Retriever, tmp_path: Path
) -> None:
    retriever.model.config.motion_width = 251
    with pytest.raises(MateError, match=r"251 features.*263 \(humanml3d\)"):
        localize_prepared(prepared, retriever, at_and, tmp_path / "out")


def test_a_motion_without_frames_is_named(
    prepared: Prepared, retriever: Retriever, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = MotionColumn.__getitem__
    monkeypatch.setattr(MotionColumn, "__getitem__", lambda column, row: read(column, row)[:0])
    with pytest.raises(MateError, match=r"motion 0000\d\d, clip .*0 frames"):
        localize_prepared(prepared, retriever, at_and, tmp_path / "out")
