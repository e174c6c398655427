"""A language model's answer as sub-texts, however it dressed them."""

from __future__ import annotations

import re

from mate_hf.errors import MateError
from mate_hf.utils.json_files import parse_json

LONGEST_ANSWER = 65_536
"""Characters, far more than any caption's sub-texts; a longer answer is refused unread."""

_THINKS, _THOUGHT, _FENCE = "<think>", "</think>", "```"
_LANGUAGE = re.compile(r"\w*\n?")
_BULLET = re.compile(r"^\s*(?:[-*•–]\s+|\(?\d{1,2}[.):]\s*)")
_QUOTES = "\"'“”‘’`"


def read_answer(answer: str) -> list[str]:
    """Lines, numbered or bulleted, quoted, fenced, or JSON -> sub-texts; an empty list where there are none.

    Whether they keep the contract is for `RuleDecomposer.breach` to say.
    """
    text = _fenced(_without_thoughts(answer).strip())
    parts = _from_json(text)
    if parts is None:
        lines = text.replace("\\n", "\n").splitlines()
        # "Here are the steps:" announces, and says nothing of the motion.
        parts = [_BULLET.sub("", line) for line in lines if not line.rstrip().endswith(":")]
    cleaned = (part.strip().strip(_QUOTES).strip() for part in parts)
    return [part for part in cleaned if part]


# By `str.partition`: a pattern of both ends takes a minute for an answer of one end, over and over.
def _without_thoughts(text: str) -> str:
    said: list[str] = []
    rest = text
    while True:
        before, _, after = rest.partition(_THINKS)
        _, closed, later = after.partition(_THOUGHT)
        if not closed:
            return "".join([*said, rest])
        said.append(before)
        rest = later


def _fenced(text: str) -> str:
    """What stands in the first fence, without the name of its language; all of it where none is."""
    _, _, opened = text.partition(_FENCE)
    inner, closed, _ = opened.partition(_FENCE)
    return _LANGUAGE.sub("", inner, count=1).strip() if closed else text


def _from_json(text: str) -> list[str] | None:
    content: object
    try:
        content = parse_json(text, "answer", object, "Lines are read then.")
    except MateError:
        return None
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        content = lists[0] if len(lists) == 1 else None
    if isinstance(content, list) and all(isinstance(part, str) for part in content):
        return content
    return None
