"""One bad `.npy` file says what it is, in one sentence, and never ends more than its own reading."""

from __future__ import annotations

import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.utils.arrays import array_frames, load_array


def with_header(header: str) -> bytes:
    text = header.encode()
    text += b" " * (64 - (len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (50, 263"),
            "not a usable .npy file (",
        ),
        (
            with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 263), }"),
            "more numbers than fit",
        ),
        (with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-5, 263), }"), "not a usable"),
        (with_header("{'descr': 'what', 'fortran_order': False, 'shape': (5, 263), }"), "not a usable"),
        (with_header("(" * 400), "not a usable"),
        (with_header("{'descr': '<f4', 'shape': (5, 263), \xe9" + " " * 4000 + "}"), "not a usable"),
        (
            with_header("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }") + bytes(8),
            "expected an array of real",
        ),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "it is a Git LFS pointer"),
        (b"<!DOCTYPE html>\n<html>", "it is an HTML page"),
        (b"1 2 3", "begins with b'1 2 3', not with"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "a.npy"
    file.write_bytes(content)
    with pytest.raises(MateError) as raised:
        load_array(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < len(str(file)) + 400
    assert "pickled" not in str(raised.value)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 127), st.binary(min_size=1, max_size=4))
def test_whatever_is_broken_in_a_header_is_an_error_of_ours_or_an_array(
    tmp_path_factory: pytest.TempPathFactory, place: int, put: bytes
) -> None:
    file = tmp_path_factory.mktemp("npy") / "a.npy"
    np.save(file, np.zeros((8, 3), np.float32))
    content = bytearray(file.read_bytes())
    content[place : place + len(put)] = put
    file.write_bytes(content)
    for read in (load_array, array_frames):
        try:
            read(file)
        except MateError:
            continue


def test_the_length_is_read_without_the_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((500_000, 4)))
    tracemalloc.start()
    assert array_frames(tmp_path / "a.npy") == 500_000
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    with pytest.raises(MateError, match="not found"):
        array_frames(tmp_path / "b.npy")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    (tmp_path / "folder.npy").mkdir()
    for name, what in (("pipe", "a pipe or a device"), ("folder", "a folder")):
        for read in (load_array, array_frames):
            with pytest.raises(MateError, match=rf"{name}\.npy: {what}; expected a \.npy file"):
                read(tmp_path / f"{name}.npy")


def test_a_name_that_no_file_can_have_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"cannot be looked at \(File name too long\)") as raised:
        load_array(tmp_path / f"{'9' * 10_000}.npy")
    assert len(str(raised.value)) < 200
