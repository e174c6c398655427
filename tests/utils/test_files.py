"""Output is whole or absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.utils.files import write_json, written_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_failure_leaves_the_old_file_and_no_crumbs(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    def interrupted() -> None:
        with written_whole(tmp_path / "a") as fresh:
            fresh.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_a_folder_replaces_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").write_text("")
    with written_whole(tmp_path / "a") as fresh:
        fresh.mkdir()
        (fresh / "new").write_text("")
    assert names(tmp_path / "a") == ["new"]
    assert names(tmp_path) == ["a"]


def test_an_old_folder_comes_back_where_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").write_text("")
    with pytest.raises(MateError, match="Nothing was changed"), written_whole(tmp_path / "a"):
        pass  # nothing is written, so there is nothing to rename
    assert names(tmp_path / "a") == ["old"]
    assert names(tmp_path) == ["a"]


def test_what_exists_is_kept_unless_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(MateError, match="exists already"), written_whole(tmp_path / "a", overwrite=False):
        pass


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(MateError, match="cannot write"):
        write_json(tmp_path / "a" / "b.json", {})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    def fill() -> None:
        with written_whole(tmp_path / "a"), open("/dev/full", "wb", buffering=0) as disk:
            disk.write(b"x")

    with pytest.raises(MateError, match=r"No space left.*Nothing was changed"):
        fill()
    assert (tmp_path / "a").read_text() == "old"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(MateError, match="cannot write"):
        write_json(tmp_path / "a.json", {})


def test_files_come_with_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    with written_whole(tmp_path / "out") as fresh:
        (fresh / "inner").mkdir(parents=True)
        for path in (fresh / "kept_to_its_owner", fresh / "inner" / "runs"):
            path.write_text("")
        (fresh / "kept_to_its_owner").chmod(0o600)
        (fresh / "inner" / "runs").chmod(0o700)
    any_new = (tmp_path / "plain").stat().st_mode & 0o777
    assert (tmp_path / "out" / "kept_to_its_owner").stat().st_mode & 0o777 == any_new
    assert (tmp_path / "out" / "inner" / "runs").stat().st_mode & 0o777 == any_new | 0o700
