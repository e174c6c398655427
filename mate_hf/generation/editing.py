"""What of a clip is given and stays: frames, joints, or both; the rest is acted anew around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.data import rotations
from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_features import heading_and_path, out_of_heading
from mate_hf.errors import MateError
from mate_hf.utils.json_files import brief

PARTS = {
    "legs": r"hip|knee|ankle|heel|foot",
    "arms": r"collar|shoulder|elbow|wrist",
    "upper": r"spine\d*|neck|head|collar|shoulder|elbow|wrist",
    "left arm": r"left_(collar|shoulder|elbow|wrist)",
    "right arm": r"right_(collar|shoulder|elbow|wrist)",
    "left leg": r"left_(hip|knee|ankle|heel|foot)",
    "right leg": r"right_(hip|knee|ankle|heel|foot)",
    "path": r"pelvis",
}
"""Joints by the names of body parts. Legs carry the body, so that its path belongs to them."""

DIGITS = r"\d{0,18}"
"""Of a frame's number in text; more are no frame of any clip."""

SETTLE = 8
"""Frames in which what is acted anew comes to meet what is given."""


@dataclass(frozen=True)
class Kept:
    """What of a clip is given. Frames are given with all joints, joints in all frames; where both are named, either is kept.

    Attributes:
        frames: spans [start, end) of the clip; an end of -1 is the clip's own.
        joints: names of `PARTS`, or of single joints.
    """

    frames: Sequence[tuple[int, int]] = field(default_factory=tuple)
    joints: Sequence[str] = field(default_factory=tuple)

    @classmethod
    def of(cls, frames: str | None = None, joints: str | None = None) -> Kept:
        """From text: `0:40`, `0:40,100:140`, `150:`; `legs`, `left arm,head`.

        Raises:
            MateError: a span that is none.
        """
        spans = []
        for part in (frames or "").split(","):
            if not part.strip():
                continue
            found = re.fullmatch(rf"\s*({DIGITS})\s*:\s*({DIGITS})\s*", part)
            if found is None:
                raise MateError(
                    f"frames to keep: {brief(part.strip())}; expected spans of whole numbers, such as 0:40, 150: or 0:20,100:120."
                )
            first, last = found.groups()
            spans.append((int(first or 0), int(last) if last else -1))
        return cls(tuple(spans), tuple(part.strip() for part in (joints or "").split(",") if part.strip()))

    def __bool__(self) -> bool:
        """Whether anything is given."""
        return any(given is not None and len(given) for given in (self.frames, self.joints))

    def channels(self, kind: MotionKind) -> NDArray[np.bool_]:
        """(width,), True on the features that the joints are told by; the path, where legs or pelvis are kept, too.

        Raises:
            MateError: a name that is no part of this body.
        """
        chosen = np.zeros(kind.joints, dtype=bool)
        for name in _listed("joints", self.joints):
            if not isinstance(name, str):
                raise MateError(
                    f"joints to keep: {brief(name)}; expected names, such as 'legs' or 'left_wrist'."
                )
            pattern = PARTS.get(name, re.escape(name))
            found = [bool(re.search(f"^(.*_)?({pattern})$", joint)) for joint in kind.joint_names]
            if not any(found):
                raise MateError(
                    f"joints to keep: {name!r}; expected of {', '.join(PARTS)}, or of {', '.join(kind.joint_names)}."
                )
            chosen |= np.array(found)
            chosen[0] |= name == "legs"
        return channels_of(kind, chosen)

    def places(self, kind: MotionKind, frames: int) -> NDArray[np.bool_]:
        """(frames, width), True where the clip is given.

        Raises:
            MateError: a span that is empty, or not in the clip.
        """
        given = np.zeros((frames, kind.width), dtype=bool)
        for span in _listed("frames", self.frames):
            start, end = _span(span)
            last = frames if end == -1 else end
            if not 0 <= start < last <= frames:
                told = f"{start}:{'' if end == -1 else end} {_wrong(start, last, frames)}"
                raise MateError(
                    f"frames to keep: {told}. The clip has {frames} frames (as features; joints have one more): expected a span within "
                    f"0:{frames} that begins before it ends."
                )
            given[start:last] = True
        return given | self.channels(kind)


def _wrong(start: int, last: int, frames: int) -> str:
    """What is wrong with a span of a clip of so many frames."""
    if start < 0 or max(start, last) > frames:
        return "is not in the clip"
    return "ends before it begins" if last < start else "is empty"


def _listed(what: str, given: Any) -> list[Any]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise MateError(f"{what} to keep: {brief(given)}; expected a list, or text by Kept.of({what}=...).")
    return list(given)


def _span(given: Any) -> tuple[int, int]:
    ends = list(given) if isinstance(given, Iterable) else []
    if len(ends) != 2 or not all(isinstance(end, Integral) for end in ends):
        raise MateError(
            f"frames to keep: {brief(given)}; expected spans of two whole numbers, such as (0, 40)."
        )
    return int(ends[0]), int(ends[1])


def channels_of(kind: MotionKind, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Features (width,) that tell the chosen joints (J,): positions, rotations, velocities, contacts of whole feet, and of the root
    its turn, travel and height."""
    given = np.zeros(kind.width, dtype=bool)
    place = kind.feature_slices
    given[place["joint_positions"]] = np.repeat(chosen[1:], 3)
    given[place["joint_rotations"]] = np.repeat(chosen[1:], 6)
    given[place["joint_velocities"]] = np.repeat(chosen, 3)
    given[place["contacts"]] = chosen[[*kind.left_foot, *kind.right_foot]]
    for group in ("root_rotation_velocity", "root_linear_velocity", "root_height"):
        given[place[group]] = chosen[0]
    return given


class Holder:
    """Puts what is given into clean motions, normalised (N,T,F), and lets the rest come to meet it.

    - What is given replaces what was said, and what was said wrongly at its edges in time is taken out of the frames beyond, less
      and less over `SETTLE` of them: without that a seam would jump.
    - Between two spans that are given with the path, turn and travel are corrected so that the body arrives where the second begins.

    Args:
        clip: the given clip, raw features (T,F).
        given: (T,F), True where it stays.
        mean, std: of the features (F,).
    """

    def __init__(
        self, clip: NDArray[np.float32], given: NDArray[np.bool_], kind: MotionKind, mean: Tensor, std: Tensor
    ) -> None:
        device = mean.device
        self.kind, self.mean, self.std = kind, mean, std
        self.clip = ((torch.from_numpy(clip).to(device) - mean) / std).float()
        self.given = torch.from_numpy(given).to(device)
        whole: NDArray[np.bool_] = np.all(given, axis=1)
        self.whole = torch.from_numpy(whole).to(device)
        edges = np.flatnonzero(np.diff(whole.astype(int)))
        self.ends = [int(edge) for edge in edges if whole[edge]]
        self.starts = [int(edge) + 1 for edge in edges if not whole[edge]]
        self.gaps = [
            (end + 1, min(start for start in self.starts if start > end))
            for end in self.ends
            if any(start > end for start in self.starts)
        ]
        self._target = heading_and_path(torch.from_numpy(clip).to(device).double()[None], kind)

    def __call__(self, clean: Tensor) -> Tensor:
        found = torch.where(self.given, self.clip, self._settled(clean))
        return self._arrived(found) if self.gaps else found

    def _settled(self, clean: Tensor) -> Tensor:
        settled = clean.clone()
        frames = clean.shape[1]
        for edge, ahead in [*((end, 1) for end in self.ends), *((start, -1) for start in self.starts)]:
            error = self.clip[edge] - clean[:, edge]
            for step in range(1, SETTLE + 1):
                frame = edge + ahead * step
                if not 0 <= frame < frames or bool(self.whole[frame]):
                    break
                settled[:, frame] += error * (0.5 + 0.5 * np.cos(np.pi * step / (SETTLE + 1)))
        return settled

    def _arrived(self, clean: Tensor) -> Tensor:
        """Turn and travel of each gap, so that it ends where the clip goes on."""
        raw = (clean * self.std + self.mean).double()
        place = self.kind.feature_slices
        turn, travel = place["root_rotation_velocity"].start, place["root_linear_velocity"]
        for first, last in self.gaps:
            weights = torch.hann_window(last - first + 2, periodic=False, device=raw.device)[1:-1].double()
            weights = weights / weights.sum()
            half, _ = heading_and_path(raw, self.kind)
            wanted, path = self._target
            # Half turns: a difference of pi is a whole one.
            missing = wanted[:, last] - wanted[:, first] - (half[:, last] - half[:, first])
            missing = torch.remainder(missing + torch.pi / 2, torch.pi) - torch.pi / 2
            raw[:, first:last, turn] += missing[:, None] * weights
            half, own = heading_and_path(raw, self.kind)
            # The clip's way through the gap, seen from the heading with which this motion enters it.
            entered = out_of_heading(half[:, first] - wanted[:, first])
            away = rotations.rotate(entered, path[:, last] - path[:, first])
            missing_way = (away - (own[:, last] - own[:, first]))[:, None] * weights[:, None]
            into_heading = rotations.about_y(half[:, first + 1 : last + 1])
            raw[:, first:last, travel] += rotations.rotate(into_heading, missing_way)[..., [0, 2]]
        return ((raw - self.mean) / self.std).to(clean.dtype)
