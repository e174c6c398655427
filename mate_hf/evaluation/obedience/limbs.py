"""Which arm and which leg acts: the two sides of a body held against each other, left above 0."""

from __future__ import annotations

import numpy as np

from mate_hf.evaluation.obedience.seen_body import SIDES, SeenBody


def arm(body: SeenBody) -> float:
    """Metres by which the left wrist ranges farther than the right one, seen from its own shoulder."""
    left, right = (_range(body.own(f"{side}_wrist", f"{side}_shoulder")) for side in SIDES)
    return left - right


def kick(body: SeenBody) -> float:
    """Metres by which the left ankle ranges farther than the right one, seen from its own hip."""
    left, right = (_range(body.own(f"{side}_ankle", f"{side}_hip")) for side in SIDES)
    return left - right


def hop(body: SeenBody) -> float:
    """Metres by which the right ankle is the higher one on average: the leg that hops stands, the other one is drawn up."""
    left, right = (body.joint(f"{side}_ankle")[:, 1].mean() for side in SIDES)
    return float(right - left)


def _range(own: np.ndarray) -> float:
    """Metres, the diagonal of the box that holds a path (T, 3)."""
    return float(np.linalg.norm(np.ptp(own, axis=0)))
