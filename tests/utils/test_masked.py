"""Keys are shown nowhere: not on a terminal, not in results, cards and reports."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.reports.page import text
from mate_hf.runs.provenance import provenance_of
from mate_hf.text.decomposition.openai_api import OpenAIChat
from mate_hf.utils.locks import Lock
from mate_hf.utils.markdown import code, plain
from mate_hf.utils.masked import VARIABLES, masked
from mate_hf.utils.terminal import note, say_error

KEY = "hf_" + "aB3" * 11
OTHER = "made-up.of-no-form"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"push --token {KEY} now", "push --token *** now"),
        ("sk-" + "a1" * 20, "***"),
        ("https://user:pass@host.example/v1", "https://***@host.example/v1"),
        ("https://user@host.example", "https://***@host.example"),
        ("http://h/v1?api_key=abc&model=m", "http://h/v1?api_key=***&model=m"),
        (
            "https://b.example/x?X-Amz-Signature=0a&X-Amz-Credential=b/c",
            "https://b.example/x?X-Amz-Signature=***&X-Amz-Credential=***",
        ),
        ("mate prepare a@b://c", "mate prepare a@b://c"),
        ("someone/task-of-many-words-that-is-long", "someone/task-of-many-words-that-is-long"),
        ("hf_internal_testing", "hf_internal_testing"),
        ("mail a@b.example, see http://h/a", "mail a@b.example, see http://h/a"),
    ],
)
def test_keys_of_known_form_are_hidden_and_nothing_else(said: str, shown: str) -> None:
    assert masked(said) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize("name", VARIABLES)
def test_those_of_the_environment_are_known_by_their_value(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, OTHER)
    assert masked(f"HTTP 401 for {OTHER}!") == "HTTP 401 for ***!"
    monkeypatch.setenv(name, "left")
    assert masked("turns left") == "turns left"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("HF_TOKEN", OTHER)
    return [OTHER, KEY, "pa55word"]


def test_none_is_printed_recorded_or_published(
    keys: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"{OTHER} {KEY} https://me:pa55word@h.example/v1"
    say_error(MateError(said))
    note(said)
    argv = ["mate", "localize", "--base-url", "https://me:pa55word@h.example/v1", OTHER, KEY]
    monkeypatch.setattr("sys.argv", argv)
    lock = Lock(tmp_path / "lock", "it")
    lock.take()
    shown = [
        *capsys.readouterr(),
        json.dumps(provenance_of(argv, "", 0)),
        (tmp_path / "lock").read_text(),
        code(said),
        plain(said),
        text(said),
    ]
    lock.release()
    for part in shown:
        assert not [key for key in keys if key in part], part
    hidden = [part for part in shown if "***" in part.replace("\\", "")]
    assert len(hidden) == len(shown) - 1, "all but standard output, which says nothing"


def test_an_endpoint_is_named_without_its_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(MateError) as refused:
        OpenAIChat("m", "ftp://me:pa55word@h.example/v1")
    assert "pa55word" not in str(refused.value)
    chat = OpenAIChat("m", "http://me:pa55word@127.0.0.1:9/v1", retries=0, concurrency=1)
    with pytest.raises(MateError, match="no answer") as refused:
        list(chat.answers([f"a {number}" for number in range(5)]))
    assert "pa55word" not in str(refused.value)
    assert "pa55word" not in repr(chat)
