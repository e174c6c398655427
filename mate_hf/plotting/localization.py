"""Which part of a motion each part of a caption tells of: bodies along the time, segments below, and where each word looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind
from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.scene import Attention
from mate_hf.plotting.skeleton import (
    GROUND,
    HEAD,
    LEFT,
    RIGHT,
    VIEW,
    draw_body,
    first_facing,
    height_ticks,
    seen_from,
)
from mate_hf.utils.outputs import Output
from mate_hf.utils.visible import one_line

Array = NDArray[np.float64]

PARTS = ("#00795a", "#b0407f", "#7a5c00", "#5a4fa2", "#4d7c0f", "#8c2d2d")
"""Of sub-texts, one after another; none is the blue or orange of left and right."""

NO_PART = "#555555"
"""Of words that belong to no sub-text, such as "then"."""

MOST_BODIES, LEAST_BODIES = 10, 5
"""As many as stand side by side without touching one another."""

WIDTH, STRIP, PART_ROW, WORD_ROW, MARGIN = 13.0, 2.6, 0.42, 0.23, 1.3
"""Inches."""

LABEL_WIDTH = 32
CAPTION_WIDTH = 84
"""Characters of a line."""

LABEL_LINES = 2


@dataclass(frozen=True)
class LocalizedMotion:
    """What is drawn.

    Attributes:
        joints: (T, J, 3) metres, y up.
        kind: whose skeleton.
        caption: what is told.
        sub_texts: its parts, in order.
        segments: of each its first frame and its end.
        parts: of each word of the caption the sub-text that it belongs to, None for words of none.
        attention: the caption's words, and how much of it each gives to each frame, (T, words), each column summing to 1; None where no
            model was asked.
    """

    joints: Array
    kind: MotionKind
    caption: str
    sub_texts: Sequence[str]
    segments: Sequence[tuple[int, int]]
    parts: Sequence[int | None] = ()
    attention: Attention | None = None


def draw_localization(shown: LocalizedMotion, place: Output, fps: float) -> None:
    """Draw it to a `.png`, `.svg` or `.pdf`.

    Raises:
        MateError: matplotlib is not installed, another ending, or a place that is not free.
    """
    looks = shown.attention
    heights = [STRIP, PART_ROW * len(shown.sub_texts) + 0.1]
    if looks is not None:
        heights.append(WORD_ROW * len(looks.words) + 0.1)
    figure = new_figure(WIDTH, sum(heights) + MARGIN)
    rows = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    seconds = len(shown.joints) / fps
    _bodies(rows[0], shown, fps)
    _segments(rows[1], shown, fps)
    if looks is not None:
        _attention(figure, rows[2], shown, looks, fps)
    rows[0].set_xlim(0, seconds)
    rows[-1].set_xlabel("time, s")
    title = "\n".join(wrap(one_line(shown.caption), CAPTION_WIDTH))
    for side, colour in (("left arm and leg", LEFT), ("right arm and leg", RIGHT)):
        rows[0].plot([], [], color=colour, linewidth=2.6, label=side)
    figure.legend(*rows[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, parse_math=False)
    save_figure(figure, place)


def colour_of(part: int | None) -> str:
    """Of a sub-text, and of the words in it."""
    return NO_PART if part is None else PARTS[part % len(PARTS)]


def _bodies(axes: Any, shown: LocalizedMotion, fps: float) -> None:
    """Bodies at their times. A metre is as wide as it is high, so that seconds are stretched to hold them."""
    joints, seconds = shown.joints, len(shown.joints) / fps
    turned = seen_from(joints, first_facing(joints, shown.kind) + VIEW)
    top = max(1.6, float(joints[..., 1].max()) + 2 * HEAD)
    bottom = min(-0.08, float(joints[..., 1].min()) - 0.05)
    # Of the drawing's width and height, less labels.
    second = (top - bottom) / STRIP * (WIDTH - 3.2) / seconds
    frames = _moments(turned, second / fps)
    seen = turned[frames]
    middles = (seen[..., 0].max(1) + seen[..., 0].min(1)) / 2
    for body, middle, frame in zip(seen, middles, frames, strict=True):
        at = (body - np.array([middle, 0.0, 0.0])) / np.array([second, 1.0, 1.0]) + np.array(
            [frame / fps, 0.0, 0.0]
        )
        draw_body(axes, at, shown.kind, head_size=(HEAD / second, HEAD))
    for part, (start, end) in enumerate(shown.segments):
        axes.axvspan(start / fps, end / fps, color=colour_of(part), alpha=0.13, linewidth=0)
    axes.axhline(0, color=GROUND, linewidth=1.5, zorder=1)
    axes.set_ylim(bottom, top)
    axes.set_yticks(height_ticks(top))
    axes.set_ylabel("height, m")
    axes.grid(axis="y", alpha=0.3)
    axes.tick_params(axis="x", length=0)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)


def _moments(seen: Array, frame: float) -> NDArray[np.int_]:
    """Frames at equal steps of which no two bodies touch, where there are such.

    Args:
        seen: (T, J, 3) as of `seen_from`.
        frame: how wide one is drawn, metres.
    """
    widths = np.maximum(np.ptp(seen[..., 0], axis=1), 2 * HEAD) + 0.5 * HEAD
    for bodies in range(MOST_BODIES, LEAST_BODIES - 1, -1):
        frames = np.unique(((np.arange(bodies) + 0.5) / bodies * len(seen)).astype(int))
        if ((widths[frames[1:]] + widths[frames[:-1]]) / 2 <= np.diff(frames) * frame).all():
            break
    return frames


def _segments(axes: Any, shown: LocalizedMotion, fps: float) -> None:
    rows = range(len(shown.sub_texts))
    for part, (start, end) in enumerate(shown.segments):
        axes.barh(part, (end - start) / fps, left=start / fps, height=0.72, color=colour_of(part))
        axes.text(
            (start + end) / 2 / fps,
            part,
            f"{start / fps:.1f} to {end / fps:.1f} s",
            ha="center",
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "boxstyle": "round,pad=0.15"},
        )
    _name_rows(
        axes, [_folded(f"{number + 1}. {text}") for number, text in enumerate(shown.sub_texts)], list(rows)
    )
    axes.set_ylim(len(shown.sub_texts) - 0.4, -0.6)


def _attention(figure: Any, axes: Any, shown: LocalizedMotion, looks: Attention, fps: float) -> None:
    """1 is what a word gives to each frame that looks at all of them alike."""
    relative = np.asarray(looks.weights, dtype=float).T * len(looks.weights)
    end = len(looks.weights) / fps
    image = axes.imshow(
        relative,
        aspect="auto",
        cmap="Greys",
        vmin=0,
        vmax=max(2.0, float(np.quantile(relative, 0.99))),
        extent=(0, end, len(relative) - 0.5, -0.5),
        interpolation="nearest",
    )
    parts = list(shown.parts) or [None] * len(looks.words)
    for row, part in enumerate(parts):
        if part is not None:
            start, stop = shown.segments[part]
            axes.plot([start / fps, stop / fps], [row + 0.42] * 2, color=colour_of(part), linewidth=2.2)
    _name_rows(axes, [_folded(word, 1) for word in looks.words], parts)
    bar = figure.colorbar(image, ax=axes, pad=0.01, fraction=0.02, aspect=12)
    bar.set_label("attention (1: all frames alike)", fontsize=9)


def _name_rows(axes: Any, names: Sequence[str], parts: Sequence[int | None]) -> None:
    axes.set_yticks(range(len(names)), names)
    for label, part in zip(axes.get_yticklabels(), parts, strict=True):
        label.set_color(colour_of(part))
        label.set_parse_math(False)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _folded(text: str, lines: int = LABEL_LINES) -> str:
    """At most so many lines; what is left over is cut off, which is shown."""
    return "\n".join(wrap(one_line(text), LABEL_WIDTH, max_lines=lines, placeholder=" …"))
