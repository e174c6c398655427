"""An answer is read however it is dressed, and one that never ends soon."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.text.decomposition.answers import LONGEST_ANSWER, read_answer

PARTS = ["<think>", "</think>", "```", "json\n", "walks", "\n", " ", "1. ", "- ", '["a", "b"]', '"', "`"]


@pytest.mark.parametrize(
    "part", ["<think>", "```a", "```", "a", " ", '["', "[", "\\n", "1.", "<think></think>"]
)
def test_the_longest_answer_is_read_soon(part: str) -> None:
    """A server that is no friend sends one for every caption."""
    started = time.perf_counter()
    read_answer((part * LONGEST_ANSWER)[:LONGEST_ANSWER])
    read_answer("```" + (part * LONGEST_ANSWER)[: LONGEST_ANSWER - 3])
    assert time.perf_counter() - started < 2


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_thoughts_and_fences_are_what_patterns_say_they_are(answer: str) -> None:
    text = re.sub(r"<think>.*?</think>", "", answer, flags=re.DOTALL).strip()
    fenced = re.search(r"```\w*\n?(.*?)```", text, re.DOTALL)
    # Neither is left in it for the reader to take off.
    if "<think>" not in text and (inner := fenced.group(1).strip() if fenced else text) == inner.replace(
        "```", ""
    ):
        assert read_answer(answer) == read_answer(inner)


@given(st.text(max_size=300))
def test_whatever_is_answered_is_a_list_of_texts(answer: str) -> None:
    assert all(isinstance(part, str) and part.strip() for part in read_answer(answer))
