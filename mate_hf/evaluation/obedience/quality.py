"""How clean motions are, apart from what they show: feet that slide, joints that jerk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.evaluation.obedience import intervals
from mate_hf.evaluation.obedience.intervals import Estimate
from mate_hf.evaluation.obedience.seen_body import SeenBody, see
from mate_hf.generation.seams import mean_jerk

CONTACT_HEIGHT = 0.05
SKID = 0.5
"""A toe touches the floor below 5 cm, and skids above 0.5 m/s, 2.5 cm a frame at 20 fps: the foot skating ratio of Karunratanakul et
al., "Guided Motion Diffusion for Controllable Human Motion Synthesis" (ICCV 2023). The floor is the clip's lowest joint here."""


@dataclass(frozen=True)
class Cleanness:
    """Of one motion.

    Attributes:
        skating: percent of steps from a frame to the next in which a toe that touches the floor in both skids.
        sliding: centimetres a frame that toes move over the floor while they touch it, on average.
        jerk: metres a second cubed, the length of the third derivative of joint positions, on average.
    """

    skating: float
    sliding: float
    jerk: float


def cleanness(body: SeenBody) -> Cleanness:
    """Measure one motion."""
    toes = body.joints[:, [body.kind.left_foot[1], body.kind.right_foot[1]]]
    low = toes[..., 1] - body.joints[..., 1].min() < CONTACT_HEIGHT
    touching = low[1:] & low[:-1]
    steps = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=0), axis=-1)
    skids = touching & (steps * body.fps > SKID)
    return Cleanness(
        skating=float(100 * skids.any(1).mean()),
        sliding=float(100 * steps[touching].mean()) if touching.any() else 0.0,
        jerk=float(mean_jerk(body.joints, body.fps).mean()),
    )


def quality(groups: Iterable[Iterable[SeenBody]]) -> dict[str, Estimate]:
    """`skating`, `sliding` and `jerk`, means over motions with intervals over groups, each the motions of one prompt.

    Raises:
        MateError: no motion.
    """
    measured = [[cleanness(body) for body in group] for group in groups]
    return {
        name: intervals.mean([[getattr(motion, name) for motion in group] for group in measured])
        for name in ("skating", "sliding", "jerk")
    }


def quality_of_motions(motions: Iterable[NDArray[Any]], fps: float) -> dict[str, Estimate]:
    """The same of real motions (T, J, 3), metres, each a group of its own.

    Raises:
        MateError: no motion, or one that `see` refuses.
    """
    return quality([see(joints, fps, f"real motion {n}")] for n, joints in enumerate(motions, start=1))
