"""A body to look at: a box for every bone, left, right and middle apart by their colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mate_hf.motion_files.skeleton import Array, Skeleton

THICK, LEAST = 0.2, 0.03
"""Thickness of a box in lengths of its bone, and at least this much of the body's height."""

TRUNK, SKULL = (0.14, 0.09), (0.08, 0.1)
"""Across and ahead, in heights of the body."""

CORNERS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
FACES = {
    (-1, 0, 0): (0, 1, 3, 2),
    (1, 0, 0): (4, 6, 7, 5),
    (0, -1, 0): (0, 4, 5, 1),
    (0, 1, 0): (2, 3, 7, 6),
    (0, 0, -1): (0, 2, 6, 4),
    (0, 0, 1): (1, 5, 7, 3),
}
"""Of a box: the normal of each side, and its corners counterclockwise as seen from outside."""


@dataclass(frozen=True)
class Mesh:
    """Triangles of one colour, in the pose of rest.

    Attributes:
        points, normals: (V, 3) float32, metres.
        joints: (V,) the joint that each point moves with.
        triangles: (F, 3) places of points.
    """

    points: NDArray[np.float32]
    normals: NDArray[np.float32]
    joints: NDArray[np.uint8]
    triangles: NDArray[np.uint16]


def body_meshes(skeleton: Skeleton) -> dict[str, Mesh]:
    """The `left`, `right` and `middle` parts of a body; one without bones is left out."""
    boxes: dict[str, list[tuple[Array, Array, int]]] = {"left": [], "right": [], "middle": []}
    height = float(np.ptp(skeleton.places[:, 1]))
    for joint, name in enumerate(skeleton.names):
        parent, place = skeleton.parents[joint], skeleton.places
        side = next((side for side in boxes if name.startswith(f"{side}_")), "middle")
        # A bone moves with the joint that it begins at, and what goes on behind the last joint with that one.
        if np.linalg.norm(skeleton.offsets[joint]) > 0:
            size = _size(
                skeleton.offsets[joint], height, TRUNK if name.startswith(("spine", "neck")) else None
            )
            boxes[side].append((*_box(place[parent], skeleton.offsets[joint], size), parent))
        if np.linalg.norm(skeleton.ends[joint]) > 0:
            size = _size(skeleton.ends[joint], height, SKULL if name == "head" else None)
            boxes[side].append((*_box(place[joint], skeleton.ends[joint], size), joint))
    return {side: _joined(parts) for side, parts in boxes.items() if parts}


def _size(bone: Array, height: float, shares: tuple[float, float] | None) -> Array:
    """Across, along and ahead, metres."""
    length = float(np.linalg.norm(bone))
    thick = max(THICK * length, LEAST * height)
    across, ahead = (share * height for share in shares) if shares else (thick, thick)
    return np.array([across, length, ahead])


def _box(start: Array, bone: Array, size: Array) -> tuple[Array, Array]:
    """Points and normals (24, 3) of a box about a bone."""
    along = bone / size[1]
    # Sides that look ahead in a body at rest, but for feet, which point there.
    ahead = np.array([0.0, 0.0, 1.0]) if abs(along[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    across = np.cross(along, ahead)
    across /= np.linalg.norm(across)
    axes = np.stack([across, along, np.cross(across, along)])
    corners = start + bone / 2 + (CORNERS * size / 2) @ axes
    points = np.concatenate([corners[list(places)] for places in FACES.values()])
    normals = np.repeat(np.array(list(FACES), dtype=float) @ axes, 4, axis=0)
    return points, normals


def _joined(boxes: list[tuple[Array, Array, int]]) -> Mesh:
    points, normals, joints = zip(*boxes, strict=True)
    sides = 4 * np.arange(len(FACES) * len(boxes))[:, None, None]
    triangles = (sides + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    return Mesh(
        np.concatenate(points).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.repeat(np.array(joints, dtype=np.uint8), 4 * len(FACES)),
        triangles.astype(np.uint16),
    )
