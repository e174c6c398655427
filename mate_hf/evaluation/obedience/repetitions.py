"""How often something is done, and what is done first."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from mate_hf.evaluation.obedience.activities import ACTIVITIES, activity
from mate_hf.evaluation.obedience.seen_body import SeenBody

STANDING_OUT = 0.4
"""Share of the highest peak by which another one has to stand out from its surroundings to count."""


def count(body: SeenBody, of: str) -> float:
    """How often the activity `of` comes and goes."""
    curve, least = activity(of, body), ACTIVITIES[of][1]
    # An end of the motion may cut a repetition, which is one all the same.
    curve = np.concatenate([[curve.min()], curve, [curve.min()]])
    prominence = max(least, STANDING_OUT * float(curve.max() - curve.min()))
    return float(len(find_peaks(curve, height=least, prominence=prominence)[0]))


def order(body: SeenBody, first: str, second: str) -> float:
    """Seconds by which the activity `first` comes before `second`, from middle to middle; 0 where one does not come at all."""
    middles = [_middle(body, name) for name in (first, second)]
    return float(middles[1] - middles[0]) if np.isfinite(middles).all() else 0.0


def _middle(body: SeenBody, name: str) -> float:
    """Seconds, the mean time of an activity, weighted by how much of it there is."""
    over = np.maximum(activity(name, body) - ACTIVITIES[name][1], 0.0)
    times = np.arange(len(over)) / body.fps
    return float((times * over).sum() / over.sum()) if over.any() else float("nan")
