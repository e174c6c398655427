"""Motions that no human can have made: refused where a change that has a name makes them plausible, else told.

Bounds and their margins stand in `plausible_body`; a whole folder's verdict in `plausible_folder`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import MotionKind
from mate_hf.data.plausible_body import STATURES, UPRIGHT, Body, bodies

Array = NDArray[np.floating]

RISE = 0.5
"""Statures that a root rises and falls by, and not of one who lies."""

NEARLY = 1e-4

FLOOR = 0.5
ROOT_SPEED, JOINT_SPEED = 20.0, 60.0
"""Metres, and metres a second; see `plausible_body`."""

NOT_HUMAN = "have bones that no human body has"
SIZE = "are of no human size"
OVER = "hang upside down throughout"
LYING = "never come near upright"
JUMPS = "jump from a frame to the next"
FROZEN = "never move"
FLOATING = "have their lowest joint far from the floor"

NAMED = 3


@dataclass(frozen=True)
class Verdict:
    """On one motion: why it is refused, else empty; and what is odd about it."""

    refusal: str = ""
    odd: tuple[str, ...] = ()


class Oddities:
    """What is odd about motions that are used all the same, to be told at the end."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}

    def note(self, name: str, odd: Iterable[str]) -> None:
        """Take what is odd about a motion."""
        for what in odd:
            self._names.setdefault(what, {})[name] = None

    def sentences(self) -> list[str]:
        """One a kind, with a count and the first names."""
        told = []
        for what, names in self._names.items():
            first = ", ".join(list(names)[:NAMED]) + (", ..." if len(names) > NAMED else "")
            told.append(f"{len(names)} motions {what} ({first}).")
        return told


def judged(motions: Sequence[Array], kind: MotionKind, said: Coordinates | None = None) -> list[Verdict]:
    """Judge features (T,width), not normalised; an empty one is neither refused nor odd.

    Args:
        said: of the motions, by the user, and done already. What is said to be as usual is odd at worst.
    """
    said = said or Coordinates()
    present = [motion for motion in motions if len(motion)]
    found = bodies(present, kind)
    verdicts = iter([_verdict(*clip, kind, said) for clip in zip(present, found, strict=True)])
    return [next(verdicts) if len(motion) else Verdict() for motion in motions]


def _verdict(motion: Array, body: Body, kind: MotionKind, said: Coordinates) -> Verdict:
    if reason := _normalised(motion[:, kind.feature_slices["contacts"]]):
        return Verdict(reason)
    if not body.human:
        return Verdict(odd=(NOT_HUMAN,))
    refusals: list[str] = []
    odd: list[str] = []
    if body.scale is None or (body.scale != 1.0 and said.scale == 1.0):
        odd.append(SIZE)
    elif body.scale != 1.0:
        refusals.append(
            f"a leg and the trunk of {body.stature:.4g} m, a human's are {STATURES[0]:g} to {STATURES[1]:g} m: multiply its lengths by "
            f"{body.scale:g} (--scale {body.scale * (said.scale or 1.0):g} where all are so)"
        )
    if body.highest < UPRIGHT:
        _judge_up(body, said, refusals, odd)
    if body.exchanged:
        refusals.append(
            "feet and face look backward, so left and right are exchanged: exchange its joints, or mirror it (--left-handed where "
            "all are so)"
        )
    odd += _odd_steps(motion, body, kind)
    return Verdict("; ".join(refusals) + ".") if refusals else Verdict(odd=tuple(odd))


def _normalised(contacts: Array) -> str:
    """Contacts (T,4) are 0 and 1, a network's lie between; two other numbers are those, shifted and scaled."""
    low, high = contacts.min(0), contacts.max(0)
    ends = np.concatenate((low, high))
    if (np.minimum(np.abs(ends), np.abs(ends - 1)) < NEARLY).all():
        return ""
    if not ((contacts == low) | (contacts == high)).all():
        return ""
    return (
        f"contacts take {low.min():.4g} and {high.max():.4g} where 0 and 1 are expected: the features look normalised. Save them "
        "as features * Std + Mean."
    )


def _judge_up(body: Body, said: Coordinates, refusals: list[str], odd: list[str]) -> None:
    """One who lies, or stands on the hands, is odd; one whom no floor explains is refused."""
    over = body.highest < -UPRIGHT
    rises = body.axis[-1:] in ("x", "z") and body.rise > RISE * body.stature
    if said.up == "y" or not (body.hands_off if over else rises):
        odd.append(OVER if over else LYING)
    elif over:
        refusals.append("the body hangs upside down throughout: turn it over (--up=-y where all are so)")
    else:
        refusals.append(
            f"the body lies throughout, and yet its root rises and falls by {body.rise:.2g} m, so another axis points up: turn it "
            "(--up z, or the axis that it is, where all are so)"
        )


def _odd_steps(motion: Array, body: Body, kind: MotionKind) -> list[str]:
    moved = np.abs(motion[:, kind.feature_slices["joint_velocities"]]).max(0) * (kind.fps / kind.metre)
    odd = []
    if moved[:3].max() > ROOT_SPEED or moved.max() > JOINT_SPEED:
        odd.append(JUMPS)
    elif moved.max() == 0:
        odd.append(FROZEN)
    if abs(body.floor) > FLOOR:
        odd.append(FLOATING)
    return odd
