"""A name that others wrote never leads out of its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.utils.foreign_paths import inside, resolved


@pytest.mark.parametrize(
    "name", ["000001", "M000001", "humanml/000001", "a.b-c_1.0_2.5", "über/läuft", "a..b"]
)
def test_a_plain_or_nested_name_is_a_place(tmp_path: Path, name: str) -> None:
    assert inside(tmp_path, name, ".npy") == tmp_path / f"{name}.npy"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "\\\\host\\x",
        "C:\\x",
        "C:x",
        "a\\..\\b",
        "nul\0",
        "a/..",
    ],
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    for follow in (False, True):
        with pytest.raises(MateError, match="no place inside"):
            inside(tmp_path, name, ".npy", follow_links=follow)


@given(st.text(max_size=20))
@example("../a")
def test_whatever_is_written_stays_inside_or_is_refused(name: str) -> None:
    folder = Path("/data/motions")
    try:
        path = inside(folder, name, ".npy", follow_links=True)
    except MateError:
        return
    assert Path(os.path.normpath(path)).is_relative_to(folder)


def test_a_link_that_leads_out_is_refused_unless_it_may(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "away").symlink_to(tmp_path / "out")
    with pytest.raises(MateError, match="a link leads out of"):
        inside(tmp_path / "in", "away/evil")
    assert inside(tmp_path / "in", "away/evil", follow_links=True) == tmp_path / "in" / "away" / "evil"


def test_links_in_a_circle_are_left_to_whoever_opens_them(tmp_path: Path) -> None:
    (tmp_path / "a.npy").symlink_to("b.npy")
    (tmp_path / "b.npy").symlink_to("a.npy")
    assert inside(tmp_path, "a", ".npy") == tmp_path / "a.npy"
    assert resolved(tmp_path / "a.npy").parent == tmp_path
