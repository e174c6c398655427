"""The T-pose that rotations are measured from: which way each bone points in a body that faces +z with its left at +x.

Lengths come from the motion; what is here are an average adult's directions. Arms are held out to the sides because no arm is
ever folded inwards by half a turn, the one place where the shortest rotation from there is not defined; arms that hang at rest
come to theirs whenever they are raised.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import HUMANML3D, KIT, MotionKind

Array = NDArray[np.float64]
Direction = tuple[float, float, float]

LIMBS: dict[str, Direction] = {
    "hip": (0.55, -0.83, -0.08),
    "knee": (0.0, -1.0, 0.0),
    "ankle": (0.0, -1.0, 0.0),
    "collar": (0.52, 0.85, -0.08),
    "shoulder": (0.97, -0.22, -0.12),
    "elbow": (1.0, 0.0, 0.0),
    "wrist": (1.0, 0.0, 0.0),
}
"""Of the left side; the right one is its mirror image."""

BODIES: dict[str, dict[str, Direction]] = {
    HUMANML3D.name: {
        **LIMBS,
        "foot": (0.0, -0.36, 0.93),
        "spine1": (0.0, 0.95, -0.29),
        "spine2": (0.0, 0.98, 0.21),
        "spine3": (0.0, 0.97, 0.23),
        "neck": (0.0, 1.0, -0.05),
        "head": (0.0, 0.79, 0.61),
    },
    KIT.name: {
        **LIMBS,
        "heel": (0.0, -0.36, 0.93),
        "foot": (0.0, 0.0, 1.0),
        "spine1": (0.0, 1.0, 0.0),
        "spine2": (0.0, 1.0, 0.0),
        "neck": (0.0, 1.0, 0.0),
        "head": (0.0, 1.0, 0.0),
    },
}

ENDS: dict[str, Direction] = {
    "head": (0.0, 0.28, 0.0),
    "wrist": (0.26, 0.0, 0.0),
    "foot": (0.0, 0.0, 0.1),
}
"""How far skull, hand and toes go on behind the last joint, in lengths of the trunk from root to head."""


def rest_directions(kind: MotionKind) -> Array:
    """Unit vectors (J, 3), of each joint seen from the one it hangs on; 0 for the root."""
    return np.array([_unit(_sided(BODIES[kind.name], name)) for name in kind.joint_names])


def rest_ends(kind: MotionKind, trunk: float) -> Array:
    """Ends (J, 3) of a skeleton, see `Skeleton`.

    Args:
        kind: whose joints.
        trunk: length of the bones from root to head, metres.
    """
    last = {joint for joint in range(kind.joints) if joint not in kind.parents}
    ends = [
        _sided(ENDS, name) if joint in last else np.zeros(3) for joint, name in enumerate(kind.joint_names)
    ]
    return np.stack(ends) * trunk


def _sided(body: dict[str, Direction], name: str) -> Array:
    side, _, part = name.rpartition("_")
    return np.array(body.get(part, (0.0, 0.0, 0.0))) * (-1.0 if side == "right" else 1.0, 1.0, 1.0)


def _unit(vector: Array) -> Array:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
