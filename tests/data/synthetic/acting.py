"""Acting actions out, and measures of joints that do not use the code that made them."""

from __future__ import annotations

import numpy as np

from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.synthetic import Action, Scenario, Segment, draw_timeline, perform

JOINT = {name: number for number, name in enumerate(HUMANML3D.joint_names)}


def acted(*segments: Action | Segment, seed: int = 0) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Joints (T, 22, 3) of what the actions ask for, and the frames of each segment."""
    scenario = Scenario(tuple(s if isinstance(s, Segment) else Segment(s) for s in segments))
    rng = np.random.default_rng(seed)
    timeline = draw_timeline(scenario, rng)
    joints = perform(timeline, rng).astype(np.float64)
    return joints, [(spans[0].start, spans[0].end) for spans in timeline]


def heading(joints: np.ndarray) -> np.ndarray:
    """Where the hips face (T,), continuous, in radians: 0 is +z, growing to the left."""
    left = joints[:, JOINT["left_hip"]] - joints[:, JOINT["right_hip"]]
    return np.unwrap(np.arctan2(-left[:, 2], left[:, 0]))


def peaks(curve: np.ndarray, over: float, under: float) -> int:
    """How often a curve rises above `over`, having been below `under` before."""
    number, armed = 0, True
    for value in curve:
        if armed and value > over:
            number, armed = number + 1, False
        elif value < under:
            armed = True
    return number
