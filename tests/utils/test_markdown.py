"""What strangers wrote stands on a card as they wrote it, and does nothing there. Rendered by an independent parser."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mate_hf.utils.markdown import code, plain
from mate_hf.utils.visible import one_line

RENDERED = MarkdownIt("commonmark").enable(["table", "strikethrough"])

HOSTILE = [
    "x`\n\n# Owned\n<img src=x onerror=1>",
    "<iframe>",
    "a|b|c",
    "![x](http://y/z.png)",
    "**bold** _it_ ~~gone~~",
    "``` `` `",
    "&lt;script&gt; &#60;",
    "\\| \\` \\\\",
    "[a](javascript:x)",
    "\x1b[2J",
]


def cells(markdown: str) -> list[str]:
    """The cells of the one row of a table, as a reader sees them."""
    page = RENDERED.render(f"| a | b |\n|---|---|\n| {markdown} | end |\n")
    found = re.findall(r"<td>(.*?)</td>", page, re.S)
    assert "<h1>" not in page
    assert "<img" not in page
    return [html.unescape(re.sub(r"</?code>", "", cell)) for cell in found]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_shows_the_text_and_ends_where_it_should(text: str) -> None:
    assert cells(plain(text)) == [one_line(text), "end"]
    assert cells(code(text, in_table=True)) == [one_line(text), "end"]


@given(st.text(st.sampled_from("ab`|*_<>&[]()!\\~#\n\t ;x"), min_size=1, max_size=20))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    shown = one_line(text)
    if shown.strip() == "":
        return
    # Markdown trims a cell and folds its spaces; a backslash before a bar is the one thing that code in a table cannot say.
    assert [cell.strip() for cell in cells(plain(text))] == [shown.strip(), "end"]
    if "\\|" not in shown and not shown.endswith("\\"):
        assert [cell.strip() for cell in cells(code(text, in_table=True))] == [shown.strip(), "end"]


def test_plain_words_look_plain_in_the_file_too() -> None:
    assert plain("mean cosine, antonym_words (225)") == "mean cosine, antonym_words (225)"
    assert plain("without L_self") == "without L_self"
    assert code("mate train --x") == "`mate train --x`"
