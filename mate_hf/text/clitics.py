"""Clitics: "person's", "they're", "don't" are one word to a reader and two to a tagger."""

from __future__ import annotations

import re

_CLITIC = re.compile(r"(?<=\w)(?:n't|'(?:s|re|m|ll|ve|d))$")


def split_clitic(form: str) -> tuple[str, str]:
    """A lower-case word form and its clitic: ("person", "'s"), ("do", "n't"), ("walks", "")."""
    clitic = _CLITIC.search(form)
    return (form, "") if clitic is None else (form[: clitic.start()], clitic.group())
