"""What a body does over the ground and above it: turning, travelling, speed, height."""

from __future__ import annotations

import numpy as np

from mate_hf.evaluation.obedience.seen_body import SeenBody

ENDS = 0.25
"""Seconds at either end of a motion over which its height is taken."""


def turn(body: SeenBody) -> float:
    """Radians turned in all, to the left (counterclockwise, seen from above) above 0."""
    return float(body.heading[-1] - body.heading[0])


def forward(body: SeenBody) -> float:
    """Metres travelled to where the body faced meanwhile; backward is below 0."""
    return _travelled(body, body.ahead)


def sideways(body: SeenBody) -> float:
    """Metres travelled to the body's left; to its right is below 0."""
    return _travelled(body, body.left)


def _travelled(body: SeenBody, along: np.ndarray) -> float:
    midway = (along[1:] + along[:-1]) / 2
    return float((np.diff(body.root, axis=0) * midway).sum())


def speed(body: SeenBody) -> float:
    """Metres a second of the mean joint while the body moves: each step counts by its own length.

    The plain mean would call a quick kick and a slow one equally fast, where both stand still for the rest of the same seconds.
    """
    steps = np.linalg.norm(np.diff(body.joints, axis=0), axis=-1).mean(1) * body.fps
    return float((steps**2).sum() / max(steps.sum(), 1e-9))


def rise(body: SeenBody) -> float:
    """Metres by which the root ends higher than it began; lower is below 0."""
    ends = max(round(ENDS * body.fps), 1)
    height = body.root[:, 1]
    return float(np.median(height[-ends:]) - np.median(height[:ends]))


FLIGHT = 0.05
"""Metres between both feet and the floor that no mere step brings about."""


def leap(body: SeenBody) -> float:
    """Metres by which the lower foot came higher than `FLIGHT`; a body that stays on the floor is below 0."""
    return float(body.soles.min(1).max() - FLIGHT)
