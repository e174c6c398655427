"""Biovision Hierarchy: a skeleton and its motion as text.

Lengths are centimetres, as in nearly all motion capture that is passed on as BVH, and as Maya and MotionBuilder take them; Blender
takes metres, so its import dialog wants a scale of 0.01. y is up. Every joint has the channels `Zrotation Xrotation Yrotation` in
degrees, in one order throughout because many readers believe the first.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mate_hf.motion_files.euler import steady_angles
from mate_hf.motion_files.skeleton import Animation, Array, Skeleton

CENTIMETRES = 100.0

ROTATION = "Zrotation Xrotation Yrotation"


def bvh_text(animation: Animation, fps: float) -> str:
    """The whole file; its lines end in newlines."""
    frames = len(animation.root)
    order = list(_depth_first(animation.skeleton, 0))
    matrices = np.stack([animation.rotation(joint).as_matrix() for joint in order], axis=1)
    degrees = np.degrees(steady_angles(matrices)).reshape(frames, -1)
    rows = np.concatenate([animation.root * CENTIMETRES, degrees], axis=1)
    lines = [
        "HIERARCHY",
        *_joint_lines(animation.skeleton, 0, ""),
        "MOTION",
        f"Frames: {frames}",
        f"Frame Time: {1 / fps:.9g}",
        *(_numbers(row) for row in rows),
    ]
    return "\n".join(lines) + "\n"


def _joint_lines(skeleton: Skeleton, joint: int, indent: str) -> Iterator[str]:
    inner = indent + "  "
    yield f"{indent}{'JOINT' if joint else 'ROOT'} {skeleton.names[joint]}"
    yield f"{indent}{{"
    yield f"{inner}OFFSET {_numbers(skeleton.offsets[joint] * CENTIMETRES)}"
    yield f"{inner}CHANNELS {f'3 {ROTATION}' if joint else f'6 Xposition Yposition Zposition {ROTATION}'}"
    children = skeleton.children(joint)
    for child in children:
        yield from _joint_lines(skeleton, child, inner)
    if not children:
        yield f"{inner}End Site"
        yield f"{inner}{{"
        yield f"{inner}  OFFSET {_numbers(skeleton.ends[joint] * CENTIMETRES)}"
        yield f"{inner}}}"
    yield f"{indent}}}"


def _depth_first(skeleton: Skeleton, joint: int) -> Iterator[int]:
    """Joints in the order in which the file names them."""
    yield joint
    for child in skeleton.children(joint):
        yield from _depth_first(skeleton, child)


def _numbers(row: Array) -> str:
    # Adding zero leaves no -0.
    return " ".join(f"{number:.6f}" for number in np.round(row, 6) + 0.0)
