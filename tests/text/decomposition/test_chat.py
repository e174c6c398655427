"""A language model as a backend: good answers are taken, bad ones replaced and counted, none is paid for twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mate_hf.errors import MateError
from mate_hf.text.decomposition import RuleDecomposer
from mate_hf.text.decomposition.decompose import DecompositionReport, decompose_captions
from mate_hf.text.decomposition.openai_api import GIVES_UP_AFTER, OpenAIChat
from tests.text.decomposition.chat_server import Reply, chat_server

CAPTION = "a person walks forward and then turns left"
GOOD = "a person walks forward\nturns left"
PARTS = GOOD.splitlines()

Decompose = Callable[..., tuple[list[list[str]], DecompositionReport]]


@pytest.fixture
def decompose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Decompose:
    """`decompose(captions, base_url)` through the openai backend, without real waiting between tries."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")

    def run(captions: list[str], base_url: str, waits: list[float] | None = None, **options: object):
        chat = OpenAIChat("m", base_url, wait=(waits if waits is not None else []).append, **options)  # type: ignore[arg-type]
        return decompose_captions(captions, "openai", "m", chat=chat, cache=tmp_path / "answers.sqlite")

    return run


def by_rules(caption: str) -> list[str]:
    return next(RuleDecomposer().decompose([caption]))


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        "1. a person walks forward\n2. turns left",
        "- a person walks forward\n- turns left\n",
        '["a person walks forward", "turns left"]',
        '```json\n{"sub_texts": ["a person walks forward", "turns left"]}\n```',
        "Here are the steps:\n\na person walks forward\nturns left",
        "<think>two verbs</think>a person walks forward\\nturns left",
        "“a person walks forward”\n“turns left”",
    ],
    ids=["lines", "numbers", "bullets", "json", "fenced", "announced", "thoughts", "quotes"],
)
def test_good_answers_are_taken_however_they_are_dressed(decompose: Decompose, answer: str) -> None:
    with chat_server(lambda caption, _: Reply(answer)) as server:
        found, report = decompose([CAPTION], server.base_url)
    assert found == [PARTS]
    assert (report.several, report.fallbacks) == (1, {})
    request = server.requests[0]
    assert (request["path"], request["model"], request["temperature"]) == ("/v1/chat/completions", "m", 0)
    assert server.keys == ["Bearer sk-secret"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("I would split this sentence into two parts."), "against the contract"),
        (Reply("eine Person geht vorwärts\ndreht sich nach links"), "against the contract"),
        (Reply("a person walks forward\nturns left\nturns left"), "against the contract"),
        (Reply("a person walks forward"), "against the contract"),
        (Reply(""), "empty answer"),
        (Reply(body=b'{"choices": [{"message": {"content": null}}]}'), "empty answer"),
        (Reply(body=b"<html>welcome</html>"), "not a chat completion"),
        (Reply(body=b"[" * 100_000), "not a chat completion"),
        (Reply("turns left " * 1_000_000), "answer too long"),
    ],
    ids=["prose", "language", "twice", "half", "empty", "null", "html", "deep", "10 MB"],
)
def test_bad_answers_give_way_to_the_rules_and_are_counted(
    decompose: Decompose, reply: Reply, reason: str
) -> None:
    other = "he sits down then stands up"
    with chat_server(
        lambda caption, _: reply if caption == CAPTION else Reply("he sits down\nstands up")
    ) as server:
        found, report = decompose([CAPTION, other, CAPTION], server.base_url)
    assert found == [by_rules(CAPTION), ["he sits down", "stands up"], by_rules(CAPTION)]
    assert report.fallbacks == {reason: 1}
    assert (report.captions, report.unique) == (3, 2)


def test_a_busy_server_is_asked_again_when_it_says(decompose: Decompose) -> None:
    replies = [
        Reply(status=429, headers={"Retry-After": "7"}),
        Reply(status=503),
        Reply(status=500),
        Reply(GOOD),
    ]
    waits: list[float] = []
    with chat_server(lambda caption, before: replies[before]) as server:
        found, report = decompose([CAPTION], server.base_url, waits)
    assert found == [PARTS]
    assert report.fallbacks == {}
    assert waits[0] == 7.0
    assert 1.0 <= waits[1] <= 2.0
    assert 2.0 <= waits[2] <= 4.0


def test_a_slow_answer_is_a_failed_try(decompose: Decompose) -> None:
    with chat_server(lambda caption, before: Reply(GOOD, seconds=0.0 if before else 1.0)) as server:
        found, _ = decompose([CAPTION], server.base_url, timeout=0.2)
    assert found == [PARTS]
    assert len(server.captions) == 2


def test_one_caption_that_always_fails_falls_back_alone(decompose: Decompose) -> None:
    captions = [CAPTION, "he waves", "she jumps", "he kneels"]
    with chat_server(lambda caption, _: Reply(caption, status=500 if caption == CAPTION else 200)) as server:
        found, report = decompose(captions, server.base_url, concurrency=1, retries=2)
    assert found == [by_rules(CAPTION), ["he waves"], ["she jumps"], ["he kneels"]]
    assert report.fallbacks == {"HTTP 500": 1}
    assert server.captions.count(CAPTION) == 3


def test_a_server_that_is_gone_ends_the_run_and_its_answers_are_kept(decompose: Decompose) -> None:
    captions = [f"he jumps {n} times" for n in range(30)]
    answered = set(captions[:10])
    with (
        chat_server(lambda caption, _: Reply(caption, status=200 if caption in answered else 502)) as server,
        pytest.raises(MateError, match=r"base_url .*HTTP 502.*cached"),
    ):
        decompose(captions, server.base_url, concurrency=2, retries=1)
    assert len(set(server.captions) - answered) <= GIVES_UP_AFTER + 4
    with chat_server(lambda caption, _: Reply(caption)) as server:
        found, report = decompose(captions, server.base_url)
    assert found == [[caption] for caption in captions]
    assert set(server.captions) == set(captions) - answered
    assert report.from_cache == 10


def test_nobody_at_the_address_is_an_error_that_names_it(decompose: Decompose) -> None:
    with chat_server(lambda caption, _: Reply(GOOD)) as server:
        gone = server.base_url
    with pytest.raises(MateError, match=f"base_url {gone}.*ConnectError"):
        decompose([f"he jumps {n}" for n in range(5)], gone, retries=1)


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "OPENAI_API_KEY"), (403, "may not use model m"), (404, "does not exist"), (400, "refuses")],
)
def test_a_refusal_names_the_field_and_not_the_key(decompose: Decompose, status: int, said: str) -> None:
    with (
        chat_server(lambda caption, _: Reply(status=status, body=b"no")) as server,
        pytest.raises(MateError, match=said) as refused,
    ):
        decompose([CAPTION], server.base_url)
    assert "sk-secret" not in str(refused.value)
    assert len(server.captions) == 1


def test_captions_are_asked_at_the_same_time(decompose: Decompose) -> None:
    with chat_server(lambda caption, _: Reply(caption, seconds=0.1)) as server:
        decompose([f"he jumps {n}" for n in range(12)], server.base_url, concurrency=4)
    assert 2 <= server.most_at_once <= 4


def test_a_second_run_asks_nothing_and_another_model_asks_again(decompose: Decompose, tmp_path: Path) -> None:
    with chat_server(lambda caption, _: Reply(GOOD if caption == CAPTION else "")) as server:
        first = decompose([CAPTION, "he waves"], server.base_url)
        second = decompose([CAPTION, "he waves"], server.base_url)
        assert len(server.captions) == 2
        assert second[0] == first[0]
        assert second[1].fallbacks == first[1].fallbacks == {"empty answer": 1}
        chat = OpenAIChat("other", server.base_url)
        decompose_captions([CAPTION], "openai", "other", chat=chat, cache=tmp_path / "answers.sqlite")
        assert len(server.captions) == 3
    content = sqlite3.connect(tmp_path / "answers.sqlite").execute("SELECT * FROM answers").fetchall()
    assert "sk-secret" not in json.dumps(content)


def test_a_cache_that_is_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database " * 100)
    ask = partial(decompose_captions, [CAPTION], "openai", "m", chat=OpenAIChat("m", "http://127.0.0.1:1/v1"))
    with pytest.raises(MateError, match=r"notes\.txt.*--cache"):
        ask(cache=tmp_path / "notes.txt")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"concurrency": 0}, r"concurrency: 0; expected 1 to 1000 captions at a time"),
        ({"base_url": "ftp://127.0.0.1/v1"}, r"base_url 'ftp://127\.0\.0\.1/v1'; expected an address"),
        ({"base_url": "127.0.0.1:8000/v1"}, r"expected an address such as http"),
    ],
)
def test_what_nobody_can_be_asked_by_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(MateError, match=said):
        decompose_captions(["a man walks"], "openai", "some-model", **options)


def test_wrong_usage_is_named() -> None:
    for captions in (CAPTION, [CAPTION, None]):
        with pytest.raises(MateError, match="captions: expected a list of texts"):
            decompose_captions(captions)  # type: ignore[arg-type]
    with pytest.raises(MateError, match=r"'gpt'.*rules, openai, local"):
        decompose_captions([CAPTION], "gpt")
    with pytest.raises(MateError, match="needs --model"):
        decompose_captions([CAPTION], "openai")
