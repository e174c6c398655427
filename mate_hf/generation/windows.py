"""What a generator sees of a motion at once: windows that overlap, each with its prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

OVERLAP = 32
"""Frames that neighbouring windows of one prompt share."""
BLEND = 16
"""Frames over which one action becomes the next."""


@dataclass(frozen=True)
class Window:
    """Frames [start, end) of motion `motion`, acted out to prompt `prompt`."""

    motion: int
    prompt: int
    start: int
    end: int


def windows_of(motion: int, prompts: Sequence[int], frames: Sequence[int], longest: int) -> list[Window]:
    """Windows of a motion of several actions one after another, of which each may be longer than the generator sees at once.

    Args:
        prompts: number of each action's prompt.
        frames: of each action.
        longest: frames of a window.
    """
    found, begin = [], 0
    for place, (prompt, count) in enumerate(zip(prompts, frames, strict=True)):
        before = 0 if place == 0 else _half_blend(frames[place - 1], count)
        after = 0 if place == len(frames) - 1 else _half_blend(count, frames[place + 1])
        start, end = begin - before, begin + count + after
        found += [Window(motion, prompt, *span) for span in _spans(start, end, longest)]
        begin += count
    return found


def _half_blend(one: int, other: int) -> int:
    """Frames that each of two neighbours reaches into the other: never beyond its middle."""
    return min(BLEND, one, other) // 2


def _spans(start: int, end: int, longest: int) -> list[tuple[int, int]]:
    """Equal shares of [start, end) that overlap, none longer than `longest`."""
    length = end - start
    if length <= longest:
        return [(start, end)]
    overlap = min(OVERLAP, longest // 2)
    count = -(-(length - overlap) // (longest - overlap))
    stride = (length - longest) / (count - 1)
    starts = [start + round(stride * number) for number in range(count)]
    return [(first, first + longest) for first in starts]


class Mixer:
    """Puts what was said of windows together to motions: in an overlap the one fades into the other.

    Args:
        windows: of motions 0 to `motions` - 1.
        frames: of the longest motion.
    """

    def __init__(self, windows: Sequence[Window], motions: int, frames: int, device: torch.device) -> None:
        self.windows, self.motions, self.frames = windows, motions, frames
        self.longest = max(window.end - window.start for window in windows)
        self.single = len(windows) == motions and all(window.start == 0 for window in windows)
        self.weights = [self._weight(window).to(device) for window in windows]

    def cut(self, motions: Tensor) -> Tensor:
        """(N,T,F) -> windows (W,L,F), zero behind their ends."""
        if self.single:
            return motions
        cut = motions.new_zeros(len(self.windows), self.longest, motions.shape[-1])
        for row, window in zip(cut, self.windows, strict=True):
            row[: window.end - window.start] = motions[window.motion, window.start : window.end]
        return cut

    def join(self, windows: Tensor) -> Tensor:
        """Windows (W,L,F) -> (N,T,F)."""
        if self.single:
            return windows
        joined = windows.new_zeros(self.motions, self.frames, windows.shape[-1])
        total = windows.new_zeros(self.motions, self.frames, 1)
        for row, window, weight in zip(windows, self.windows, self.weights, strict=True):
            place = (window.motion, slice(window.start, window.end))
            joined[place] += weight * row[: window.end - window.start]
            total[place] += weight
        return joined / total.clamp(min=1e-6)

    def _weight(self, window: Window) -> Tensor:
        """(L,1): rises over what is shared with the window before, falls over what is shared with the next."""
        weight = torch.ones(window.end - window.start)
        for other in self.windows:
            if other.motion != window.motion or other is window:
                continue
            first, last = max(other.start, window.start), min(other.end, window.end)
            if first >= last:
                continue
            ramp = torch.linspace(0, 1, last - first + 2)[1:-1]
            rises = other.start < window.start
            weight[first - window.start : last - window.start] *= ramp if rises else ramp.flip(0)
        return weight.unsqueeze(-1)
