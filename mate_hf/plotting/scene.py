"""Up to four motions as they are looked at: side by side, in step, each beginning at the origin and facing the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from mate_hf.data.kinds import MotionKind
from mate_hf.errors import MateError
from mate_hf.motion_files.reading import Motion
from mate_hf.plotting.skeleton import HEAD, first_facing, seen_from

Array = NDArray[np.float64]

MOST_MOTIONS = 4

NOT_ON_GROUND = 0.25
"""Metres: a motion whose lowest joint is farther than this from y = 0 has its ground elsewhere, and is put on it."""

LEAST_HEIGHT = 1.0
"""Metres, of a picture."""

STAYS = 1.0
"""Metres from the middle of its path: a body that goes no farther is seen from one place, others are followed."""

STEADY_SECONDS = 0.25
"""Standard deviation of the Gaussian over the path along which a body is followed."""

CONTACT_HEIGHT = 0.05
SKID = 0.5
"""A toe is on the ground below 5 cm and slides there above 0.5 m/s, as in `evaluation.obedience.quality`."""

IN_AIR, PLANTED, SLIDING = 0, 1, 2


@dataclass(frozen=True)
class Attention:
    """How much each frame looks at each word.

    Attributes:
        words: of the caption, in order.
        weights: (T, words), 0 to 1.
    """

    words: Sequence[str]
    weights: NDArray[np.floating]


@dataclass(frozen=True)
class ShownMotion:
    """One body of a scene.

    Attributes:
        joints: (T, J, 3) metres, y up, on the ground; first at x = z = 0 and facing +z.
        title: what it was told, or its name.
        attention: where a generator said so.
    """

    joints: Array
    title: str = ""
    attention: Attention | None = None


@dataclass(frozen=True)
class Scene:
    """What a film or a page shows.

    Attributes:
        motions: one to four.
        kind: whose skeleton.
        fps: frames per second, of all.
        title: above all of them.
    """

    motions: tuple[ShownMotion, ...]
    kind: MotionKind
    fps: float
    title: str = ""

    @property
    def frames(self) -> int:
        """Of the longest motion; others stay as they end."""
        return max(len(motion.joints) for motion in self.motions)

    @cached_property
    def height(self) -> float:
        """Metres that joints and heads reach up, and no less than a body that stands."""
        head = self.kind.joint("head")
        tops = [
            max(motion.joints[..., 1].max() + HEAD / 2, motion.joints[:, head, 1].max() + 1.6 * HEAD)
            for motion in self.motions
        ]
        return float(max(LEAST_HEIGHT, *tops))

    @cached_property
    def follows(self) -> bool:
        """Whether the camera goes along."""
        return max(_farthest(motion.joints[:, :1], _middle(motion.joints)) for motion in self.motions) > STAYS

    @property
    def reach(self) -> float:
        """Metres along the ground from what is looked at that a picture has to hold."""
        return self.reach_from(self.follows)

    def reach_from(self, follows: bool) -> float:
        """`reach` of a camera that goes along, or stays."""
        return max(
            _farthest(motion.joints, self.looked_at(motion, follows)[:, None]) for motion in self.motions
        )

    def looked_at(self, motion: ShownMotion, follows: bool) -> Array:
        """(T, 3) metres: where the camera aims, steadily along the path or at its middle."""
        path = motion.joints[:, 0]
        aims = (
            gaussian_filter1d(path, STEADY_SECONDS * self.fps, axis=0, mode="nearest")
            if follows
            else np.repeat(_middle(motion.joints)[None], len(path), axis=0)
        )
        aims[:, 1] = self.height / 2
        return aims

    def contacts(self, motion: ShownMotion) -> NDArray[np.uint8]:
        """(T, 2), left and right toe: `IN_AIR`, `PLANTED` or `SLIDING`."""
        toes = motion.joints[:, [self.kind.left_foot[1], self.kind.right_foot[1]]]
        low = toes[..., 1] - min(0.0, motion.joints[..., 1].min()) < CONTACT_HEIGHT
        steps = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=0), axis=-1)
        # Of a single frame there is no speed; the first one has that of the second.
        speeds = np.concatenate([steps[:1], steps]) * self.fps if len(steps) else np.zeros(low.shape)
        states: NDArray[np.uint8] = np.where(low, np.where(speeds > SKID, SLIDING, PLANTED), IN_AIR).astype(
            np.uint8
        )
        return states


def scene_of(
    motions: Sequence[Motion],
    titles: Sequence[str] = (),
    attention: Sequence[Attention | None] = (),
    title: str = "",
) -> Scene:
    """Motions put on the ground and turned to face one way.

    Args:
        motions: as they were read.
        titles: of each, or none.
        attention: of each, or none.
        title: above all.

    Raises:
        MateError: none or more than four, titles that do not fit them, or motions of different skeletons or frame rates.
    """
    if not 1 <= len(motions) <= MOST_MOTIONS:
        raise MateError(f"{len(motions)} motions; expected 1 to {MOST_MOTIONS} side by side. Leave some out.")
    if len(titles) not in (0, len(motions)):
        raise MateError(f"{len(titles)} titles for {len(motions)} motions; expected one of each, or none.")
    kinds = list(dict.fromkeys(motion.kind.name for motion in motions))
    if len(kinds) > 1:
        raise MateError(
            f"motions of different skeletons ({' and '.join(kinds)}); expected one. Make a picture of each."
        )
    rates = sorted({motion.fps for motion in motions})
    if len(rates) > 1:
        raise MateError(f"motions of {rates[0]:g} and {rates[-1]:g} frames a second; expected one rate.")
    shown = tuple(
        ShownMotion(on_stage(motion), name, looks)
        for motion, name, looks in zip(
            motions, titles or [""] * len(motions), attention or [None] * len(motions), strict=True
        )
    )
    return Scene(shown, motions[0].kind, motions[0].fps, title)


def on_stage(motion: Motion) -> Array:
    """Joints (T, J, 3) that begin at x = z = 0 facing +z, and stand on y = 0 where that is not their ground already."""
    lowest = float(motion.joints[..., 1].min())
    origin = motion.joints[0, 0] * [1.0, 0.0, 1.0]
    origin[1] = lowest if abs(lowest) > NOT_ON_GROUND else 0.0
    joints = motion.joints.astype(np.float64)
    return seen_from(joints - origin, first_facing(joints, motion.kind))


def _middle(joints: Array) -> Array:
    path = joints[:, 0]
    middle: Array = (path.max(0) + path.min(0)) / 2
    return middle


def _farthest(points: Array, around: Array) -> float:
    """Metres on the ground."""
    return float(np.linalg.norm((points - around)[..., [0, 2]], axis=-1).max())
