"""Text of others in Markdown: it stands there as it is, and nothing in it is markup, HTML or the end of a table."""

from __future__ import annotations

import re

from mate_hf.utils.masked import masked
from mate_hf.utils.visible import one_line

MARKUP = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown obeys within a line; an underscore between letters is none of it."""

ENTITY = re.compile(r"&(?=#?\w+;)")


def plain(text: object) -> str:
    """One line of text, in a cell, a heading or a sentence."""
    safe = ENTITY.sub("&amp;", MARKUP.sub(r"\\\g<0>", one_line(masked(str(text)))))
    return safe.replace("<", "&lt;").replace(">", "&gt;")


def code(text: object, in_table: bool = False) -> str:
    """One line of text as inline code.

    Args:
        in_table: a bar in it would end the cell.
    """
    line = one_line(masked(str(text)))
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if not line.strip("` ") or line[0] == "`" or line[-1] == "`" else ""
    if in_table:
        line = line.replace("|", r"\|")
    return f"{fence}{padding}{line}{padding}{fence}"
