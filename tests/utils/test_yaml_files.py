"""YAML that somebody else wrote is read as PyYAML reads it, or refused in one line before it fills memory."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.utils.yaml_files import DEEPEST, read_front_matter, read_yaml, require_settings

SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.dictionaries(st.text(), SCALARS | st.lists(SCALARS, max_size=3), max_size=6))
def test_settings_are_what_yaml_says_they_are(tmp_path: Path, content: dict[str, Any]) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert read_yaml(file) == yaml.safe_load(file.read_text(encoding="utf-8")) == content


def test_aliases_and_merges_are_read(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("base: &b {lr: 1, epochs: 2}\narm: {<<: *b, lr: 3}\nagain: *b\n")
    assert read_yaml(file) == yaml.safe_load(file.read_text())
    file.write_text("# nothing yet\n")
    assert read_yaml(file) == {}


def doubled(levels: int, merge: str = "") -> str:
    """A text of few bytes that stands for 10**levels values."""
    lines = [f"a0: &a0 {{x: {merge or 'x'}}}"]
    for level in range(1, levels):
        parts = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} {{<<: [{parts}]}}" if merge else f"a{level}: &a{level} [{parts}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (doubled(9), "aliases"),
        (doubled(9, merge="y"), "aliases"),
        ("a: &a [*a]", "aliases"),
        ("a: &a {b: *a}", "aliases"),
        ("\n".join([f"a{n}: &a{n} [*a{n - 1}]" if n else "a0: &a0 [1]" for n in range(60)]), "deep"),
        ("a: " + "[" * 20_000, "deep"),
        ("a: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "deep"),
        ("a: {b: [", "line 1 is not YAML"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", "line 2 is not YAML"),
        ("a: !!timestamp x", "not YAML"),
        ("a: !!int ''", "not YAML"),
        ("a: 2024-13-01", "not YAML"),
        ("a: 1" + ":59" * 50_000, "a value of 150001 characters"),
        ("a: 0x" + "f" * 100_000, "a value of 100002 characters"),
        ("a: \0", "not YAML"),
        ("- 1\n- 2", r"\[1, 2\]; expected lines"),
        ("on: 1", "True is no name"),
        ("? [a]\n: 1", "not YAML"),
        ("a: x\n" * 60_000, "more than 0.25 MB"),
    ],
)
def test_what_cannot_be_read_is_named_soon_and_in_one_short_line(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(content)
    started = time.monotonic()
    with pytest.raises(MateError, match=said) as refused:
        read_yaml(file, "Mend it.")
    assert time.monotonic() - started < 10
    message = str(refused.value)
    assert message.startswith(str(file))
    assert message.endswith("Mend it.")
    assert "\n" not in message
    assert len(message) < len(str(file)) + 300


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(b"a: \xff\xff")
    with pytest.raises(MateError, match="not YAML"):
        read_yaml(tmp_path / "c.yaml")
    with pytest.raises(MateError, match="No such file"):
        read_yaml(tmp_path / "none.yaml")


@pytest.mark.parametrize("value", [[[1]], {"a": 1}, [{}], "a\0b"])
def test_a_setting_is_one_value_or_a_list_of_them(value: Any) -> None:
    assert require_settings({"a": [1, "x", None], "b": 0.5}, "c") == {"a": [1, "x", None], "b": 0.5}
    with pytest.raises(MateError, match=r"c: b is .*; expected one value, or a list of them"):
        require_settings({"a": 1, "b": value}, "c")


def test_a_date_is_no_setting(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("seed: 2024-01-01")
    with pytest.raises(MateError, match="seed is datetime"):
        require_settings(read_yaml(tmp_path / "c.yaml"), "c.yaml")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("---\nlicense: mit\n---\n# A\n---\nb: 1\n", {"license": "mit"}),
        ("\ufeff---\r\nlicense: mit\r\n---\r\n", {"license": "mit"}),
        ("---\n---\n", {}),
        ("# A\n---\nlicense: mit\n---\n", {}),
        ("---\nlicense: mit\n", {}),
        ("", {}),
    ],
)
def test_the_head_of_a_page_is_read(tmp_path: Path, content: str, expected: dict[str, str]) -> None:
    (tmp_path / "README.md").write_text(content, newline="")
    assert read_front_matter(tmp_path / "README.md") == expected


def test_a_head_that_repeats_itself_without_end_is_refused(tmp_path: Path) -> None:
    lines = "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefgh"))
    (tmp_path / "README.md").write_text(f"---\na: &a [x]\n{lines}license: *h\n---\n")
    with pytest.raises(MateError, match="aliases stand for more"):
        read_front_matter(tmp_path / "README.md")


def test_a_page_of_dashes_is_read_soon(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\n" + "-- \n" * 200_000)
    started = time.perf_counter()
    assert read_front_matter(tmp_path / "README.md") == {}
    assert time.perf_counter() - started < 2
