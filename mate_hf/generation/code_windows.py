"""What a masked generator sees of a motion at once: each window goes on from the last codes of the one before it."""

from __future__ import annotations

from collections.abc import Sequence

from mate_hf.generation.windows import Window

CARRIED = 8
"""Codes of what came before that a new action goes on from: with four frames each, 1.6 s of HumanML3D's."""


def code_windows(
    motion: int, prompts: Sequence[int], frames: Sequence[int], longest: int, patch: int
) -> list[Window]:
    """Windows, counted in codes, of a motion of several actions one after another, each as long as it may be.

    Args:
        prompts: number of each action's prompt.
        frames: of each action.
        longest: codes of a window.
        patch: frames of a code.
    """
    carried = min(CARRIED, longest // 2)
    windows: list[Window] = []
    reached, frame = 0, 0
    for place, (prompt, count) in enumerate(zip(prompts, frames, strict=True)):
        frame += count
        # The last action has the code that is not full; an action too short for one of its own gets it all the same.
        end = -(-frame // patch) if place == len(frames) - 1 else max(frame // patch, reached + 1)
        first = max(reached - carried, 0)
        while reached < end:
            last = min(end, max(reached - carried, first) + longest)
            windows.append(Window(motion, prompt, max(last - longest, first), last))
            reached = last
    return windows
