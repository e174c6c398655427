"""From metres to a picture, with perspective; the player of the pages computes the same in the browser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mate_hf.plotting.skeleton import VIEW, seen_from

Array = NDArray[np.float64]

LENS = 3.0
"""Half of a picture's height shows 1 m at a distance of so many metres."""

NEAREST = 0.2
"""Metres before the camera from which on something is seen."""


MARGIN = 1.08


@dataclass(frozen=True)
class Camera:
    """It stands in the direction `yaw` from what it looks at, 0 straight ahead of a body that faces +z, growing to its left.

    Attributes:
        yaw, pitch: radians; pitch is how far it looks down.
        distance: metres.
    """

    distance: float
    yaw: float = VIEW
    pitch: float = 0.22

    @classmethod
    def around(cls, height: float, reach: float, aspect: float) -> Camera:
        """One that sees bodies whole.

        Args:
            height, reach: metres that they go up from the ground, and away from what it looks at.
            aspect: width of the picture in its heights.
        """
        radius = max(height / 2, reach / aspect)
        return cls(MARGIN * LENS * radius + reach / 2)

    def seen(self, points: Array) -> Array:
        """Points (..., 3) metres from what it looks at: to the right, up, and how far before the camera."""
        right, up, nearer = np.moveaxis(seen_from(points, self.yaw), -1, 0)
        lifted = up * np.cos(self.pitch) - nearer * np.sin(self.pitch)
        towards = up * np.sin(self.pitch) + nearer * np.cos(self.pitch)
        return np.stack([right, lifted, self.distance - towards], -1)

    def project(self, points: Array) -> tuple[Array, Array]:
        """Points (..., 3) metres from what it looks at to the picture.

        Returns:
            (..., 2), right and up, 0 in the middle and 1 at half of the picture's height; and of each how much a metre is there (...).
        """
        seen = self.seen(points)
        scale = LENS / np.maximum(seen[..., 2], NEAREST)
        return seen[..., :2] * scale[..., None], scale


def clipped(seen: Array) -> Array:
    """Lines (N, 2, 3) as of `Camera.seen`, cut where they come too near; those wholly behind are left out."""
    start, end = seen[:, 0], seen[:, 1]
    visible = (start[:, 2] > NEAREST) | (end[:, 2] > NEAREST)
    start, end = start[visible], end[visible]
    along = end[:, 2] - start[:, 2]
    share = np.divide(NEAREST - start[:, 2], along, out=np.zeros_like(along), where=along != 0)[:, None]
    cut = start + share * (end - start)
    return np.stack(
        [np.where(start[:, 2:] > NEAREST, start, cut), np.where(end[:, 2:] > NEAREST, end, cut)], axis=1
    )
