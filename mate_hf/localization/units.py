"""The grid on which motions are cut (appendix C): units of 0.5 s, a shorter remainder joins the last one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError


def unit_frames(unit_seconds: float, fps: float) -> int:
    """Frames a unit, rounded down: 0.5 s are 10 frames of HumanML3D and 6 of KIT-ML.

    Raises:
        MateError: a unit shorter than a frame, or without end.
    """
    frames = int(unit_seconds * fps + 1e-6) if math.isfinite(unit_seconds * fps) else 0
    if frames < 1:
        raise MateError(
            f"unit_seconds: {unit_seconds} s at {fps} fps is less than a frame or without end; the paper takes 0.5 s."
        )
    return frames


def unit_edges(frames: int, unit: int) -> NDArray[np.int64]:
    """First frames of the U units of a motion, and its end: (U+1,), from 0 to `frames`.

    A motion shorter than a unit is one unit.

    Raises:
        MateError: a motion without a frame.
    """
    if frames < 1:
        raise MateError(f"a motion of {frames} frames cannot be cut; leave it out of the corpus.")
    edges = np.arange(max(frames // unit, 1) + 1) * unit
    edges[-1] = frames
    return edges
