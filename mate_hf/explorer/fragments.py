"""Pieces of the page as HTML: text of others is text in them, and a motion plays in a frame of its own."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mate_hf.plotting.localization import PARTS
from mate_hf.plotting.player import page_of
from mate_hf.plotting.scene import Scene
from mate_hf.reports.page import text

STOPS = 48
"""Colours along a word's bar."""

DARK = 2.5
"""As many times the attention that each frame has where all are alike are drawn darkest."""

QUIET_PART = "#6b6b6b"
"""Of words that belong to no sub-text."""


def colour_of(part: int | None) -> str:
    """Of a sub-text, the same in every piece."""
    return QUIET_PART if part is None else PARTS[part % len(PARTS)]


def heading(line: str) -> str:
    """A heading within an answer."""
    return f"<h3>{text(line)}</h3>"


def said(line: str) -> str:
    """A sentence."""
    return f"<p>{text(line)}</p>"


def quiet(line: str) -> str:
    """A sentence on the side."""
    return f'<p class="mate-quiet">{text(line)}</p>'


def refusal(line: str) -> str:
    """Why there is no answer; a reader of screens says it at once."""
    return f'<p class="mate-refusal" role="alert">{text(line)}</p>'


def answer(*parts: str) -> str:
    """Pieces one below the other."""
    return f'<div class="mate-answer">{"".join(parts)}</div>'


def player(scene: Scene, what: str, tall: bool = False) -> str:
    """Motions that play, in a page of their own that reaches nothing else."""
    inside = html.escape(page_of(scene))
    style = "mate-player mate-tall" if tall else "mate-player"
    return f'<iframe class="{style}" sandbox="allow-scripts" title="{text(what)}" srcdoc="{inside}"></iframe>'


def spans(sub_texts: Sequence[str], segments: Sequence[tuple[int, int]], frames: int, fps: float) -> str:
    """Each sub-text with the part of the motion it tells of."""
    rows = []
    for number, (sub_text, (start, end)) in enumerate(zip(sub_texts, segments, strict=True)):
        place = f"left:{100 * start / frames:.2f}%;width:{100 * (end - start) / frames:.2f}%"
        when = f"{start / fps:.1f} to {end / fps:.1f} s"
        bar = f'<span class="mate-span" style="{place};background:{colour_of(number)}"></span>'
        rows.append(_row(f"{number + 1}. {sub_text}", number, bar, when))
    return f'<div class="mate-rows" role="list">{"".join(rows)}</div>'


def looks(
    words: Sequence[str], weights: NDArray[np.floating], parts: Sequence[int | None], fps: float
) -> str:
    """Each word with the frames it looks at, darker where it looks more.

    Args:
        weights: (T, words), columns summing to 1.
    """
    rows = []
    for word, column, part in zip(words, np.asarray(weights, dtype=float).T, parts, strict=True):
        peak = f"most at {column.argmax() / fps:.1f} s"
        rows.append(_row(word, part, f'<span class="mate-looks" style="{_ramp(column, part)}"></span>', peak))
    return f'<div class="mate-rows" role="list">{"".join(rows)}</div>'


def changes(
    words: Sequence[tuple[str, str]],
    before: NDArray[np.floating],
    after: NDArray[np.floating],
) -> str:
    """Each word of two captions that differ in a word: above where it looked, below where it looks now.

    Args:
        words: of both, in order.
        before, after: (T, words), columns summing to 1.
    """
    rows = []
    columns = zip(np.asarray(before, dtype=float).T, np.asarray(after, dtype=float).T, strict=True)
    for (word, now), (old, new) in zip(words, columns, strict=True):
        bars = "".join(
            f'<span class="mate-looks" style="{_ramp(column, part)}"></span>'
            for column, part in ((old, 0), (new, 1))
        )
        moved = f"{50 * np.abs(old - new).sum():.0f} % elsewhere"
        label = word if word == now else f"{word} → {now}"
        rows.append(_row(label, None, bars, moved, "mate-pair", "" if word == now else " mate-changed"))
    return f'<div class="mate-rows" role="list">{"".join(rows)}</div>'


def _row(label: str, part: int | None, bar: str, when: str, track: str = "", more: str = "") -> str:
    mark = "" if track else f'<i style="background:{colour_of(part)}"></i>'
    return (
        f'<div class="mate-row{more}" role="listitem"><span class="mate-label">{mark}{text(label)}</span>'
        f'<span class="mate-track {track}">{bar}</span><span class="mate-when">{text(when)}</span></div>'
    )


def _ramp(column: NDArray[np.floating], part: int | None) -> str:
    """A gradient of a colour from nothing to full."""
    pieces = np.array_split(column * len(column), min(STOPS, len(column)))
    colour = colour_of(part)
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    stops = ",".join(f"rgba({red},{green},{blue},{min(piece.mean() / DARK, 1):.2f})" for piece in pieces)
    return f"background:linear-gradient(90deg,{stops})" if len(pieces) > 1 else f"background:{colour}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table whose cells are text."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="mate-wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def download(content: bytes, name: str, media: str, label: str) -> str:
    """A link that saves a file, which lies in the page itself: nothing stays behind on the server."""
    packed = base64.b64encode(content).decode("ascii")
    return (
        f'<a class="mate-save" download="{text(name)}" href="data:{media};base64,{packed}">{text(label)}</a>'
    )
