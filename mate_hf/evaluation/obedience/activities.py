"""How much of a named activity a body shows in every frame: what repetitions are counted in, and what comes first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mate_hf.evaluation.obedience.seen_body import SIDES, Array, SeenBody

SMOOTHING = 0.05
"""Seconds, standard deviation: jitter goes, the shortest hop of a fifth of a second stays."""


GUARD = 0.25
"""Metres of a fist on guard ahead of its shoulder."""


def _kick(body: SeenBody, side: str) -> Array:
    """Metres of the ankle ahead of its hip, where it is off the floor."""
    own, height = body.own(f"{side}_ankle", f"{side}_hip"), body.joint(f"{side}_ankle")[:, 1]
    return np.where(height - body.joints[..., 1].min() > 0.2, own[:, 2], 0.0)


def _reach(body: SeenBody, side: str) -> Array:
    """Metres of the wrist ahead of its shoulder, beyond a fist on guard."""
    return np.maximum(body.own(f"{side}_wrist", f"{side}_shoulder")[:, 2] - GUARD, 0.0)


def _raised(body: SeenBody, side: str) -> Array:
    """Metres of the wrist above its shoulder, and 0.1 m more."""
    return body.own(f"{side}_wrist", f"{side}_shoulder")[:, 1] + 0.1


def _flight(body: SeenBody) -> Array:
    """Metres between the lower foot and the floor."""
    return body.soles.min(1)


def _low(body: SeenBody) -> Array:
    """Metres of the root below where it is highest but for jumps."""
    height = body.root[:, 1]
    return np.quantile(height, 0.9) - height


def _travel(body: SeenBody) -> Array:
    """Metres a second of the root over the ground."""
    return np.linalg.norm(np.gradient(body.root[:, [0, 2]], axis=0), axis=-1) * body.fps


def _turn(body: SeenBody) -> Array:
    """Radians a second."""
    return np.abs(np.gradient(gaussian_filter1d(body.heading, 0.2 * body.fps))) * body.fps


def _bow(body: SeenBody) -> Array:
    """Metres of the head ahead of the pelvis."""
    return body.own("head")[:, 2]


def _either(curve: Callable[[SeenBody, str], Array]) -> Callable[[SeenBody], Array]:
    return lambda body: np.maximum(*(curve(body, side) for side in SIDES))


ACTIVITIES: dict[str, tuple[Callable[[SeenBody], Array], float]] = {
    "travel": (_travel, 0.25),
    "turn": (_turn, 0.5),
    "kick": (_either(_kick), 0.25),
    "punch": (_either(_reach), 0.1),
    "raised arm": (_either(_raised), 0.15),
    "leap": (_flight, 0.025),
    "low": (_low, 0.15),
    "bow": (_bow, 0.2),
}
"""Name -> its measure in every frame, and what is more than nothing: above it a body is taken to do it, and a repetition stands out
by as much."""


def activity(name: str, body: SeenBody) -> Array:
    """(T,) the measure of `name`, smoothed."""
    return gaussian_filter1d(ACTIVITIES[name][0](body), SMOOTHING * body.fps, mode="nearest")
