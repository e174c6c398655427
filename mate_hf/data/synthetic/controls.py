"""The curves that steer a body: one number a frame each, eased from key to key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mate_hf.data.synthetic.skeleton import Array

TRAVEL = ("forward", "sideways", "turning", "climbing")
"""Speed in the own heading (m/s, sideways is to the left), turning (rad/s, left), climbing (m/s)."""

STRIDE = ("cadence", "duty", "rise")
"""Steps a second, share of a stride a foot stands, height of a stair."""

MANNER = ("clearance", "bob", "arm_swing", "arm_bend", "gait_lean", "gait_drop", "bank")
"""How a gait looks: foot lift (m), bounce (m, negative for gaits that fly), arms, lean, bank into a curve."""

POSTURE = ("drop", "back", "aside", "lift", "lean", "spine_pitch", "spine_yaw", "spine_roll", "head_pitch")
"""Pelvis down, back, left and airborne (m); bends of pelvis and spine (rad, summed over the spine)."""

LEGS = tuple(f"{side}_{what}" for side in ("left", "right") for what in ("free", "swing", "reach", "heel"))
"""free: 0 the foot keeps its place, 1 the leg points `swing` rad ahead of down at `reach` of its length."""

ARMS = tuple(
    f"{side}_{what}"
    for side in ("left", "right")
    for what in ("own", "flexion", "abduction", "twist", "elbow")
)
"""own: 0 the arm hangs and swings by itself, 1 it is held at the four angles of `Limbs.arm`."""


def eased(x: Array) -> Array:
    """0 to 1 with no speed and no acceleration at the ends (minimum jerk), clamped outside."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10 - 15 * x + 6 * x**2)


def keyed(frames: Array, times: Sequence[float], values: Sequence[float]) -> Array:
    """The curve through `values` at `times` (frames, increasing), eased in between and held outside."""
    knots, heights = np.asarray(times, float), np.asarray(values, float)
    left = np.clip(np.searchsorted(knots, frames, side="right") - 1, 0, len(knots) - 2)
    share = eased((frames - knots[left]) / (knots[left + 1] - knots[left]))
    return heights[left] + share * (heights[left + 1] - heights[left])


def smoothed(curve: Array, half: int) -> Array:
    """`curve` under a normalised Hann window of `half` frames to either side; its ends are held."""
    window = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(curve, half, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def gradual(curve: Array, most: float) -> Array:
    """`curve` brought nearer to zero until it changes by at most `most` from one frame to the next."""
    ramp = most * np.arange(len(curve))
    parts = []
    for part in (np.maximum(curve, 0.0), np.maximum(-curve, 0.0)):
        onward = np.minimum.accumulate(part - ramp) + ramp
        parts.append(np.minimum.accumulate((onward + ramp)[::-1])[::-1] - ramp)
    return parts[0] - parts[1]


class Controls:
    """All curves of a motion of `frames` frames, zero until an action writes them."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.times = np.arange(frames, dtype=float)
        names = (*TRAVEL, *STRIDE, *MANNER, *POSTURE, *LEGS, *ARMS)
        self.curves: dict[str, Array] = {name: np.zeros(frames) for name in names}

    def __getitem__(self, name: str) -> Array:
        return self.curves[name]

    def fill(self, name: str, start: float, end: float, value: float) -> None:
        """Set the curve to `value` from frame `start` to `end`."""
        self.curves[name][max(round(start), 0) : max(round(end), 0)] = value

    def lead(self, name: str, times: Sequence[float], values: Sequence[float]) -> None:
        """From where the curve is at `times[0]`, ease through `values` (one fewer than times) and hold."""
        curve = self.curves[name]
        start = min(max(int(np.ceil(times[0])), 0), self.frames - 1)
        curve[start:] = keyed(self.times[start:], times, [float(curve[start]), *values])

    def ripple(self, name: str, curve: Array) -> None:
        """Add `curve` (T,) on top."""
        self.curves[name] += curve
