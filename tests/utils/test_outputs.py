"""A writer never replaces what it reads, a folder above it, or what no command wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.utils.outputs import (
    EXPORT,
    FILE,
    KINDS_OF_FOLDERS,
    MODEL,
    PREPARED,
    RUN,
    SAMPLES,
    SHARD,
    SYNTHETIC,
    Output,
    kind_of,
)


def make(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).mkdir() if name.endswith("/") else (folder / name).write_text("")
    return folder


def model(folder: Path, kind: str = "mate") -> Path:
    make(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": kind}))
    return folder


MAKERS: dict[str, Callable[[Path], Path]] = {
    PREPARED: lambda folder: make(folder, "dataset_dict.json", "report.json"),
    SYNTHETIC: lambda folder: make(folder, "truth.jsonl", "train.txt", "texts/"),
    EXPORT: lambda folder: make(folder, "mate_export.json"),
    MODEL: model,
    RUN: lambda folder: make(folder, "config.yaml", "checkpoints/"),
    SAMPLES: lambda folder: make(folder, "captions.jsonl", "real/", "generated/"),
    SHARD: lambda folder: make(folder, "shard.json"),
}


def refused(output: Output, said: str) -> None:
    before = sorted(os.walk(output.path.parent))
    with pytest.raises(MateError, match=said):
        output.require_free()
    with pytest.raises(MateError, match=said), output.written() as fresh:
        fresh.mkdir()
    assert sorted(os.walk(output.path.parent)) == before


def test_each_kind_is_known_and_may_be_replaced_but_a_run(tmp_path: Path) -> None:
    assert set(MAKERS) == set(KINDS_OF_FOLDERS)
    for kind, made in MAKERS.items():
        folder = made(tmp_path / kind)
        assert kind_of(folder) == kind
        for writer in (PREPARED, EXPORT, MODEL, SYNTHETIC):
            refused(Output(folder, writer), "exists already.*--overwrite")
            output = Output(folder, writer, overwrite=True)
            if kind == RUN:
                refused(output, "is a training run, which .* does not replace")
            else:
                output.require_free()
    with Output(tmp_path / EXPORT, EXPORT, overwrite=True).written() as fresh:
        make(fresh, "new")
    assert [path.name for path in (tmp_path / EXPORT).iterdir()] == ["new"]


@pytest.mark.parametrize(
    "names",
    [
        ("thesis.tex",),
        (".git/",),
        ("config.json",),
        ("config.yaml",),
        ("checkpoints/",),
        ("dataset_dict.json",),
        ("train.txt", "texts/", "new_joints/"),
        ("vocabulary.json",),
        ("1/", "2/", "3/", "4/"),
    ],
)
def test_folders_of_others_are_named_and_kept(tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = make(tmp_path / "home", *names)
    refused(
        Output(folder, EXPORT, overwrite=True),
        rf"{folder} is a folder of other things \(.*remove it yourself",
    )


def test_models_of_others_are_theirs(tmp_path: Path) -> None:
    assert kind_of(model(tmp_path / "bert", "bert")) is None
    assert kind_of(model(tmp_path / "ours", "mate_tmr")) == MODEL
    (tmp_path / "ours" / "config.json").write_text("[" * 100_000)
    assert kind_of(tmp_path / "ours") is None


def test_nothing_that_is_read_is_replaced_nor_what_holds_it(tmp_path: Path) -> None:
    # All of them outputs of ours, so that nothing but the reading forbids it.
    above = MAKERS[PREPARED](tmp_path / "above")
    corpus = MAKERS[PREPARED](above / "inner" / "corpus")
    for out in (corpus, above):
        refused(Output(out, PREPARED, overwrite=True, reads=[corpus]), "is, or holds, what is read")
        refused(Output(out, PREPARED, overwrite=False, reads=[corpus]), "is, or holds, what is read")
    (tmp_path / "link").symlink_to(corpus)
    for out in (corpus, above):
        refused(
            Output(out, PREPARED, overwrite=True, reads=[tmp_path / "link"]), "is, or holds, what is read"
        )
    # Through a link inside of it, which would go with it.
    (above / "elsewhere").symlink_to(MAKERS[PREPARED](tmp_path / "elsewhere"))
    refused(
        Output(above, PREPARED, overwrite=True, reads=[above / "elsewhere"]), "is, or holds, what is read"
    )


def test_one_file_under_two_names_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "captions").write_text("a man walks")
    os.link(tmp_path / "captions", tmp_path / "again")
    refused(
        Output(tmp_path / "again", FILE, overwrite=True, reads=[tmp_path / "captions"]),
        "is, or holds, what is read",
    )


def test_what_lies_in_something_read_is_part_of_it_unless_it_was_written_there_before(tmp_path: Path) -> None:
    run = MAKERS[RUN](tmp_path / "run")
    for part in (model(run / "best"), MAKERS[PREPARED](run / "data")):
        refused(Output(part, EXPORT, overwrite=True, reads=[run]), "which an export does not replace")
    Output(MAKERS[EXPORT](run / "export"), EXPORT, overwrite=True, reads=[run]).require_free()
    Output(run / "new", EXPORT, reads=[run]).require_free()


def test_links_and_devices_and_mount_points_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = MAKERS[EXPORT](tmp_path / "target")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "nowhere").symlink_to(tmp_path / "none")
    for name in ("link", "nowhere"):
        for kind in (EXPORT, FILE):
            refused(Output(tmp_path / name, kind, overwrite=True), "is a link to")
    os.mkfifo(tmp_path / "pipe")
    refused(Output(tmp_path / "pipe", FILE, overwrite=True), "is a device")
    monkeypatch.setattr("os.path.ismount", lambda path: path == target)
    refused(Output(target, EXPORT, overwrite=True), "is a mount point")


def test_a_file_is_no_folder_and_a_folder_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = MAKERS[EXPORT](tmp_path / "folder")
    for overwrite in (False, True):
        refused(Output(tmp_path / "file", EXPORT, overwrite), "is a file, and an export is a folder")
        refused(Output(folder, FILE, overwrite), "is a folder; expected the name of a file")


def test_an_empty_folder_is_taken_where_it_was_asked_for(tmp_path: Path) -> None:
    make(tmp_path / "empty")
    refused(Output(tmp_path / "empty", EXPORT), "exists already")
    Output(tmp_path / "empty", EXPORT, may_be_empty=True).require_free()
    with Output(tmp_path / "empty", EXPORT, overwrite=True).written() as fresh:
        make(fresh, "x")


def test_names_that_stand_for_no_path_are_passed_over(tmp_path: Path) -> None:
    folder = MAKERS[EXPORT](tmp_path / "out")
    reads = [None, "openai/clip-vit-base-patch32", "package:x", "a\0b", "", tmp_path / "none"]
    Output(folder, EXPORT, overwrite=True, reads=reads).require_free()


def test_what_comes_meanwhile_is_looked_at_before_it_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def write() -> None:
        with Output(out, EXPORT, overwrite=True).written() as fresh:
            make(fresh, "mate_export.json")
            make(out, "thesis")

    with pytest.raises(MateError, match=r"other things \(thesis"):
        write()
    assert [path.name for path in out.iterdir()] == ["thesis"]


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=4),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=4),
)
def test_of_any_two_places_only_those_beside_and_below_may_be_written(
    tmp_path_factory: pytest.TempPathFactory, read: list[str], out: list[str]
) -> None:
    root = tmp_path_factory.mktemp("any")
    for names in (read, out):
        folder = root.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mate_export.json").write_text("")
    try:
        Output(root.joinpath(*out), EXPORT, overwrite=True, reads=[root.joinpath(*read)]).require_free()
        free = True
    except MateError:
        free = False
    assert free == (read[: len(out)] != out)
