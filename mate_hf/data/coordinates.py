"""Motions written in other units, along other axes or at another rate, brought into those of their kind."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_features import joints_to_features, recover
from mate_hf.errors import MateError

Array = NDArray[np.floating]

AXES: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "y": ((0, 1, 2), (1, 1, 1)),
    "z": ((0, 2, 1), (1, 1, -1)),
    "x": ((1, 0, 2), (-1, 1, 1)),
    "-y": ((0, 1, 2), (1, -1, -1)),
    "-z": ((0, 2, 1), (1, -1, 1)),
    "-x": ((1, 0, 2), (1, -1, 1)),
}
"""For each axis that may point up the turn that brings it to +y: where x, y and z come from, and with which sign."""

SMALLEST_SCALE, LARGEST_SCALE = 1e-6, 1e6
LOWEST_RATE, HIGHEST_RATE = 1.0, 1000.0


@dataclass(frozen=True)
class Coordinates:
    """What motions were written in; None where it is not said, and so what their kind is in.

    Attributes:
        scale: their lengths times this are in the unit of their kind.
        up: the axis that points up, of `AXES`.
        fps: frames per second.
        left_handed: whether left and right are exchanged by coordinates that are left-handed, as Unity's and Unreal's are.
    """

    scale: float | None = None
    up: str | None = None
    fps: float | None = None
    left_handed: bool = False

    def __post_init__(self) -> None:
        if self.scale is not None and not (SMALLEST_SCALE <= self.scale <= LARGEST_SCALE):
            raise MateError(
                f"scale: {self.scale:g}; expected a number from {SMALLEST_SCALE:g} to {LARGEST_SCALE:g}, such as 0.01 for centimetres."
            )
        if self.up is not None and self.up not in AXES:
            raise MateError(f"up: {self.up!r}; expected one of {', '.join(AXES)}.")
        if self.fps is not None and not (LOWEST_RATE <= self.fps <= HIGHEST_RATE):
            raise MateError(
                f"fps: {self.fps:g}; expected frames per second, {LOWEST_RATE:g} to {HIGHEST_RATE:g}."
            )

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return self != Coordinates()

    def change(self, kind: MotionKind) -> bool:
        """Whether motions are written in anything but what their kind is in."""
        return self._turns or self.scale not in (None, 1.0) or self.fps not in (None, kind.fps)

    @property
    def _turns(self) -> bool:
        return self.up not in (None, "y") or self.left_handed

    def __str__(self) -> str:
        """As options of the command line."""
        options = {"--scale": self.scale, "--up": self.up, "--fps": self.fps}
        said = [f"{name}={value}" for name, value in options.items() if value is not None]
        return " ".join([*said, *(["--left-handed"] if self.left_handed else [])])

    def to_json(self) -> dict[str, Any]:
        """What is said."""
        return {name: value for name, value in asdict(self).items() if value not in (None, False)}

    def joints(self, joints: Array, kind: MotionKind) -> Array:
        """Joints (T,J,3) as their kind has them; resampled to (T',J,3) where they were written at another rate."""
        if self._turns:
            places, signs = AXES[self.up or "y"]
            mirror = np.array([-1 if self.left_handed else 1, 1, 1])
            joints = joints[..., list(places)] * (np.array(signs) * mirror).astype(joints.dtype)
        if self.scale not in (None, 1.0):
            joints = joints * joints.dtype.type(self.scale)
        if self.fps not in (None, kind.fps):
            joints = resampled(joints, self.fps / kind.fps)
        return joints

    def features(self, features: Array, kind: MotionKind) -> Array:
        """Features (T,width) as their kind has them.

        A scale is exact. What turns, mirrors or resamples goes by way of joints, and leaves a frame less, as `joints_to_features`
        does.

        Raises:
            MateError: an axis up that features have lost: they know only which way is down.
        """
        if self.up not in (None, "y", "-y"):
            raise MateError(
                f"up {self.up}: features were computed with y up, so that another axis is lost. Compute them anew from joints: "
                f"mate features JOINTS.npy OUT.npy --up={self.up}"
            )
        rest = Coordinates(None, self.up, self.fps, self.left_handed)
        if self.scale not in (None, 1.0):
            features = scaled(features, kind, self.scale)
        if not rest.change(kind):
            return features
        return joints_to_features(rest.joints(recover(features, kind), kind), kind)

    def frames(self, frames: int, kind: MotionKind) -> int:
        """How many frames become of so many."""
        return frames if self.fps in (None, kind.fps) else len(_times(frames, self.fps / kind.fps))


def scaled(features: Array, kind: MotionKind, scale: float) -> Array:
    """Features (T,width) of bodies `scale` times as large: lengths are multiplied, contacts found anew."""
    result = features.copy()
    place = kind.feature_slices
    for group in ("root_linear_velocity", "root_height", "joint_positions", "joint_velocities"):
        result[:, place[group]] *= scale
    velocities = result[:, place["joint_velocities"]].reshape(len(result), kind.joints, 3)
    moved = np.square(velocities[:, [*kind.left_foot, *kind.right_foot]]).sum(-1)
    result[:, place["contacts"]] = moved < kind.contact_threshold
    return result


def resampled(joints: Array, step: float) -> Array:
    """Joints (T,J,3) at every `step`-th frame: Catmull-Rom splines where that lies between frames."""
    times = _times(len(joints), step)
    first = np.minimum(times.astype(int), len(joints) - 1)
    if np.array_equal(first, times):
        return joints[first]
    share = (times - first).astype(joints.dtype)[:, None, None]
    before, here, after, beyond = (
        joints[np.clip(first + shift, 0, len(joints) - 1)] for shift in (-1, 0, 1, 2)
    )
    curve: Array = here + 0.5 * share * (
        after
        - before
        + share
        * (2 * before - 5 * here + 4 * after - beyond + share * (3 * (here - after) + beyond - before))
    )
    return curve


def _times(frames: int, step: float) -> NDArray[np.float64]:
    # Rounding must not lose the last frame.
    return np.minimum(np.arange(int((frames - 1) / step + 1e-6) + 1) * step, frames - 1)
