"""Every text file of others is read alike: its line ends, its mark, and what is no text at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.utils import text_files
from mate_hf.utils.contents import contents
from mate_hf.utils.first_bytes import mistaken
from mate_hf.utils.text_files import read_lines

LINES = st.lists(st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"])), min_size=1)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.booleans())
def test_lines_are_those_that_were_written(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, mark: bool, last: bool
) -> None:
    lines[0] = f"a{lines[0]}"  # a mark of its own is no text
    file = tmp_path_factory.mktemp("text") / "file.txt"
    text = end.join(lines) + (end if last else "")
    file.write_bytes((b"\xef\xbb\xbf" if mark else b"") + text.encode())
    assert read_lines(file) == (lines if last or lines[-1] else lines[:-1])


def test_what_only_python_takes_for_a_line_end_stays_in_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("he\u2028walks\x0b\x0c\x85on\nshe too\n", encoding="utf-8")
    assert read_lines(tmp_path / "a.txt") == ["he\u2028walks\x0b\x0c\x85on", "she too"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"one\rtwo\r\ncaf\xe9\n", "line 3: not UTF-8 (byte 12). Save it as UTF-8."),
        ("walks\n".encode("utf-16"), "line 1: not UTF-8 (byte 0)"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"<html><body>404</body></html>", "is an HTML page"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(MateError) as raised:
        read_lines(tmp_path / "a.txt")
    assert reason in str(raised.value)


def test_a_folder_in_its_place_and_none_at_all_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(MateError, match="a folder; expected a text file"):
        read_lines(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_lines(tmp_path / "nowhere")
    (tmp_path / "empty.txt").touch()
    assert read_lines(tmp_path / "empty.txt") == []


def test_a_folder_is_described_by_what_lies_in_it(tmp_path: Path) -> None:
    assert contents(tmp_path / "nowhere") == "It does not exist."
    (tmp_path / "empty").mkdir()
    assert contents(tmp_path / "empty") == "It is empty."
    for number in range(7):
        (tmp_path / f"{number}.npy").write_bytes(b"abc")
    (tmp_path / "README").touch()
    assert contents(tmp_path / "0.npy") == "It is a file of 3 bytes."
    assert contents(tmp_path) == "It holds 8 files (7 .npy, 1 README) and the folder empty."


def test_what_is_longer_than_any_list_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "LARGEST", 2**20)
    (tmp_path / "a.txt").write_bytes(b"a\n" * 2**20)
    with pytest.raises(MateError, match="more than 1 MB of text"):
        read_lines(tmp_path / "a.txt")


def test_what_may_have_no_end_or_no_beginning_is_refused(tmp_path: Path) -> None:
    (tmp_path / "endless").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "silent")
    for name in ("endless", "silent"):
        with pytest.raises(MateError, match="a pipe or a device; expected a text file"):
            read_lines(tmp_path / name)
        # Nor is it looked into for what it may be.
        assert mistaken(tmp_path / name) == ""
