"""A motion given by a formula, so that numbers recorded from other software can be compared anywhere."""

from __future__ import annotations

import numpy as np

from mate_hf.data.kinds import MotionKind


def made_up_motion(kind: MotionKind, unit: float = 1.0, frames: int = 90) -> np.ndarray:
    """Joints (frames, J, 3) that sway, turn by 0.06 rad a frame (past 180 degrees) and walk off."""
    t = np.arange(frames, dtype=np.float64)[:, None]
    j = np.arange(kind.joints)
    x = 0.4 * np.sin(1.3 * j) + 0.03 * np.sin(0.3 * t + j)
    y = 0.1 + 0.08 * j + 0.03 * np.cos(0.2 * t + 2 * j)
    z = 0.3 * np.cos(2.1 * j) + 0.03 * np.sin(0.4 * t + 3 * j)
    cos, sin = np.cos(0.06 * t), np.sin(0.06 * t)
    return unit * np.stack((cos * x + sin * z + 0.02 * t, y, cos * z - sin * x + 0.01 * t), axis=-1)
