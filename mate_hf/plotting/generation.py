"""What generators make of the same prompts: a strip each, one below the other (MATE's Fig. 3 and 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from numpy.typing import NDArray

from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.skeleton import WIDTHS, checked, draw_strip, name_sides
from mate_hf.utils.outputs import Output

HEIGHT = 3.1
"""Inches of a strip."""

LONGEST_TITLE = 110


@dataclass(frozen=True)
class Made:
    """A motion (T,J,3), metres, y up, with what its body was told and by which generator it was made."""

    prompt: str
    name: str
    joints: NDArray[Any]


def draw_generation(made: Sequence[Made], fps: float, place: Output) -> None:
    """Draw motions in their order; each says who made it, and the first of each prompt what it was told.

    Raises:
        MateError: matplotlib is not installed, or joints that cannot be drawn.
    """
    figure = new_figure(13, HEIGHT * len(made) + 0.5)
    rows = figure.subplots(len(made), 2, width_ratios=WIDTHS, squeeze=False)
    told = None
    for (strip, above), motion in zip(rows, made, strict=True):
        draw_strip(strip, above, checked(motion.joints), fps)
        title = f"{motion.name}: {motion.prompt}" if motion.prompt != told else motion.name
        told = motion.prompt
        strip.set_title(
            shorten(title, LONGEST_TITLE, placeholder=" …"), loc="left", fontsize=12, parse_math=False
        )
    name_sides(figure, rows[0][0])
    save_figure(figure, place)
