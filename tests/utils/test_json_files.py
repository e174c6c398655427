"""JSON that somebody else wrote is read as any reader would, or refused in one line that names the file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.utils import json_files
from mate_hf.utils.json_files import DEEPEST, parse_json, read_json, read_json_lines, require_fields

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(), parts, max_size=4),
    max_leaves=40,
)


@given(value=VALUES, ascii=st.booleans())
def test_any_plain_value_is_what_json_says_it_is(value: Any, ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii)
    assert parse_json(text, "it", object, "") == value
    assert parse_json(text.encode(), "it", object, "") == value


def nested(levels: int, opening: str = "[", closing: str = "]") -> str:
    return opening * levels + "0" + closing * levels


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b'{"a": "\\ud800"}', "surrogates"),
        (b"[" + b"1" * 5000 + b"]", "not JSON"),
        (b"[1, 2]", r"\[1, 2\]; expected an object"),
        (b"[" * 100_000, "deep"),
        (nested(DEEPEST + 1).encode(), "deep"),
        (nested(DEEPEST + 1, '{"a":', "}").encode(), "deep"),
        (json.dumps(["x" * 9] * 1000).encode(), r"\.\.\.\]; expected an object"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_short_line(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "results.json"
    file.write_bytes(content)
    with pytest.raises(MateError, match=said) as refused:
        read_json(file, dict, "Make it anew.")
    message = str(refused.value)
    assert message.startswith(str(file))
    assert message.endswith("Make it anew.")
    assert "\n" not in message
    assert len(message) < len(str(file)) + 300


def test_values_as_deep_as_allowed_are_read() -> None:
    assert parse_json(nested(DEEPEST), "it", list, "") == json.loads(nested(DEEPEST))
    # Many lists side by side are not deep.
    assert len(parse_json(json.dumps([[]] * 10_000), "it", list, "")) == 10_000


def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "pipe", "not a file"),
        (tmp_path, "not a file"),
        (tmp_path / "no", "No such"),
    ):
        with pytest.raises(MateError, match=said):
            read_json(path, dict, "")


def test_a_file_or_line_too_large_is_not_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "LARGEST", 20)
    monkeypatch.setattr(json_files, "LONGEST", 10)
    file = tmp_path / "a.jsonl"
    file.write_text('{"a": 1}\n' * 3)
    assert len(list(read_json_lines(file, dict, ""))) == 3
    with pytest.raises(MateError, match=r"a\.jsonl: more than"):
        read_json(file, dict, "")
    file.write_text('{"a": 1}\n{"a": 1234567}\n')
    with pytest.raises(MateError, match=r"a\.jsonl, line 2: longer"):
        list(read_json_lines(file, dict, ""))


def test_lines_are_counted_and_empty_ones_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    # A line separator inside a text ends no line.
    file.write_text('{"a": 1}\r\n\n{"a": "x\u2028y"}', encoding="utf-8")
    found = list(read_json_lines(file, dict, ""))
    assert found == [(f"{file}, line 1", {"a": 1}), (f"{file}, line 3", {"a": "x\u2028y"})]
    file.write_text("{}\n\n[]\n")
    with pytest.raises(MateError, match=r"line 3: \[\]; expected an object"):
        list(read_json_lines(file, dict, ""))


def test_a_field_of_another_kind_is_named() -> None:
    require_fields({"a": 1, "b": "x"}, "it", {"a": int, "b": str}, "")
    with pytest.raises(MateError, match=r"it has no field 'b'\. Write it\."):
        require_fields({"a": 1}, "it", {"a": int, "b": str}, "Write it.")
    with pytest.raises(MateError, match="field 'a' is True; expected integer"):
        require_fields({"a": True}, "it", {"a": int}, "")
