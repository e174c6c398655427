"""A folder judged by some of its motions, before an hour of work on centimetres, another axis up or another frame rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_files import MotionFiles
from mate_hf.data.plausible_body import STATURES, bodies
from mate_hf.errors import MateError

Array = NDArray[np.floating]
Value = TypeVar("Value")

SAMPLE = 64
"""Motions that are looked at."""

FEWEST = 5
"""Of a motion or two, who lies and who is slow is not told from another axis and another frame rate."""

SLOW_LIMBS = 1.0
"""Acceleration of hands and feet against the root, m/s2, root mean square over a motion and median over a corpus: 6.3 in Bandai
Namco's, 11.6 in CMU's, 11.7 in the synthetic one. At 120 fps and read at 20 they have 0.20, 0.39 and 0.39, at 60 fps 0.76, 1.5 and
1.5. The slowest label of Bandai Namco alone, elderly people who raise a hand, has 0.47: only clips longer than any that the field
trains on make a slow corpus one to refuse."""

USUAL_LIMBS = 8.0
RATES = (60.0, 120.0, 240.0)


def require_plausible(
    sample: Sequence[Array],
    kind: MotionKind,
    where: str,
    said: Coordinates | None = None,
    give: str = "Give",
) -> list[str]:
    """Judge a folder by some of its motions: joints (T,J,3), or features (T,width).

    Args:
        where: the folder, for the message.
        said: of the motions, by the user, and done already. What is said to be as usual is not refused.
        give: what the message asks for options with.

    Returns:
        Sentences on what is odd and not refused.

    Raises:
        MateError: most are bodies of another size, on another axis, or with left and right exchanged; or long and so slow that
            they were written at another frame rate.
    """
    said = said or Coordinates()
    found = [body for body in bodies(sample, kind) if body.human]
    if 2 * len(found) <= len(sample):
        return []
    causes, options, notes = [], [], []
    scale, often = _most(body.scale for body in found)
    if scale not in (None, 1.0) and 2 * often > len(found) and said.scale != 1.0:
        stature = float(np.median([body.stature for body in found]))
        causes.append(
            f"{often} have a leg and trunk of {stature:.4g} m (human: {STATURES[0]:g} to {STATURES[1]:g} m)"
        )
        options.append(f"--scale {(scale or 1.0) * (said.scale or 1.0):g}")
    axis, often = _most(body.axis for body in found)
    if axis not in (None, "", "y") and 2 * often > len(found) >= FEWEST and said.up != "y":
        by_joints = sample[0].ndim == 3 or axis == "-y"
        causes.append(f"{often} stand along {axis if by_joints else 'another axis'} instead of y")
        if by_joints:
            options.append(f"--up={axis}")
        else:
            notes.append("Their features are to be computed anew from joints, with --up and their axis.")
    exchanged = sum(body.exchanged for body in found)
    if 2 * exchanged > len(found):
        causes.append(
            f"{exchanged} have feet and face that look backward, so that left and right are exchanged"
        )
        options += [] if said.left_handed else ["--left-handed"]
        notes.append(
            "(--left-handed mirrors them, as Unity's and Unreal's coordinates ask for; where only the joints stand in another order, "
            "put them in that of HumanML3D instead.)"
        )
    if causes:
        given = f" after {said}" if said else ""
        asked = f" {give} {' '.join(options)}." if options else ""
        raise MateError(
            f"{where}: no human bodies as they are{given}. Of {len(found)} motions looked at, {'; '.join(causes)}.{asked}"
            f"{''.join(f' {note}' for note in notes)}"
        )
    return _judge_rate(sample, kind, where, said, give)


def require_plausible_files(files: MotionFiles, names: Sequence[str], give: str = "Give") -> list[str]:
    """`require_plausible` of some of the named motions, equally far apart; what cannot be read is left to who reads it.

    Raises:
        MateError: see `require_plausible`.
    """
    sample = []
    for name in names[:: -(-len(names) // SAMPLE) or 1]:
        try:
            sample.append(files.as_held(name))
        except MateError:
            continue
    return require_plausible(sample, files.kind, str(files.folder), files.written_in, give)


def _judge_rate(
    sample: Sequence[Array], kind: MotionKind, where: str, said: Coordinates, give: str
) -> list[str]:
    limbs = [_acceleration(motion, kind) for motion in sample if len(motion) > 2]
    if len(limbs) < FEWEST or said.fps == kind.fps:
        return []
    middle, frames = float(np.median(limbs)), float(np.median([len(motion) for motion in sample]))
    if middle >= SLOW_LIMBS:
        return []
    faster = np.sqrt(USUAL_LIMBS / max(middle, 1e-9))
    guess = min(RATES, key=lambda rate: abs(np.log(rate / (faster * kind.fps))))
    sentence = (
        f"hands and feet accelerate by {middle:.2g} m/s2 in the median, those of real corpora by 6 to 12: the motions look written at "
        f"about {guess:g} fps, not {kind.fps:g}. {give} --fps {guess:g} (or what it is), or --fps {kind.fps:g} if they are that slow."
    )
    if frames > kind.longest:
        raise MateError(f"{where}: {sentence}")
    return [sentence]


def _acceleration(motion: Array, kind: MotionKind) -> float:
    """Of hands and feet against the root: root mean square, m/s2."""
    ends = [kind.joint(f"{side}_{part}") for side in ("left", "right") for part in ("wrist", "ankle")]
    if motion.ndim == 3:
        limbs: Array = motion[:, ends] - motion[:, :1]
    else:
        body = motion[:, kind.feature_slices["joint_positions"]].reshape(len(motion), -1, 3)
        limbs = body[:, [end - 1 for end in ends]]
    bend: Array = np.diff(limbs, n=2, axis=0)
    return float(np.sqrt(np.square(bend).sum(-1).mean())) * kind.fps**2 / kind.metre


def _most(values: Iterable[Value]) -> tuple[Value | None, int]:
    """The most frequent value, and how often."""
    counts = Counter(values).most_common(1)
    return counts[0] if counts else (None, 0)
