"""A stick figure in perspective: bones and head as thick lines, what is nearer over what is farther."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind
from mate_hf.plotting.cameras import Camera
from mate_hf.plotting.skeleton import HEAD, LEFT, RIGHT, TRUNK, side_of

Array = NDArray[np.float64]

THICK = 0.05
"""Metres, of limbs."""

COLOURS = {"left": LEFT, "right": RIGHT, "trunk": TRUNK}

RIM = 0.16
"""Of a bone's length: what of it has no white rim at either end, so that rims do not cut into the next bone."""


@dataclass(frozen=True)
class Strokes:
    """Lines in the order in which they are drawn.

    Attributes:
        lines: (N, 2, 2), from and to, as of `Camera.project`.
        widths: (N), in the same unit.
        colours: (N) of them.
    """

    lines: Array
    widths: Array
    colours: list[str]


@dataclass(frozen=True)
class Figure:
    """How bodies of one skeleton are drawn."""

    kind: MotionKind

    @cached_property
    def bones(self) -> NDArray[np.int_]:
        """(B, 2), joint and the one that hangs on it."""
        pairs = [(parent, child) for child, parent in enumerate(self.kind.parents) if parent >= 0]
        return np.array(pairs)

    @cached_property
    def colours(self) -> list[str]:
        """Of each bone."""
        return [COLOURS[side_of(self.kind.joint_names[child])] for _, child in self.bones]

    def head(self, joints: Array) -> Array:
        """(3): the middle of the head of a body (J, 3)."""
        neck, head = joints[self.kind.joint("neck")], joints[self.kind.joint("head")]
        up = head - neck
        middle: Array = head + 0.6 * HEAD * up / max(float(np.linalg.norm(up)), 1e-6)
        return middle

    def strokes(self, joints: Array, camera: Camera) -> Strokes:
        """Of a body (J, 3) metres from what the camera looks at: of each bone a white rim and the bone, of the head a disc in a disc."""
        ends, head = joints[self.bones], self.head(joints)
        middles = np.concatenate([ends.mean(1), head[None]])
        order = np.argsort(-camera.seen(middles)[:, 2])
        rims = np.stack(
            [ends[:, 0] + RIM * (ends[:, 1] - ends[:, 0]), ends[:, 1] + RIM * (ends[:, 0] - ends[:, 1])], 1
        )
        # Of no length it would not be drawn.
        dot = head + np.array([[0.0, 0.0, 0.0], [0.0, 0.004, 0.0]])
        below, above = np.concatenate([rims, dot[None]]), np.concatenate([ends, dot[None]])
        lines, _ = camera.project(np.stack([below, above], 1)[order].reshape(-1, 2, 3))
        _, scale = camera.project(middles[order])
        thick = np.full((len(middles), 2), [1.7 * THICK, THICK])
        thick[-1] = 2 * HEAD, 2 * HEAD - 0.045
        colours = [("white", colour) for colour in self.colours] + [(TRUNK, "white")]
        return Strokes(
            lines,
            (thick[order] * scale[:, None]).ravel(),
            [colour for place in order for colour in colours[place]],
        )
