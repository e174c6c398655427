"""Somebody's own clip as the features that a generator speaks."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_features import joints_to_features
from mate_hf.data.plausibility import judged
from mate_hf.errors import MateError

LARGEST = 1e9
"""Of a number in a clip; squares of larger ones are beyond floats."""


def as_clip(clip: Any, kind: MotionKind) -> tuple[NDArray[np.float32], list[str]]:
    """Joints (T,J,3) or features (T,width), numpy or torch -> features (T or T-1, width), float32, and what is odd about them.

    Raises:
        MateError: another shape, a number that is not finite or far too large, or a motion that no human can have made.
    """
    array = _array(clip)
    joints, features = (kind.joints, 3), (kind.width,)
    if array.dtype.kind not in "fiu" or array.shape[1:] not in (joints, features) or len(array) < 2:
        raise MateError(
            f"clip: shape {array.shape} of {array.dtype}; expected one motion of this generator's kind ({kind.name}): joints "
            f"(frames, {kind.joints}, 3) or features (frames, {kind.width}), two frames or more."
        )
    if not np.isfinite(array).all():
        bad = int(np.flatnonzero(~np.isfinite(array.reshape(len(array), -1)).all(1))[0])
        raise MateError(f"clip: frame {bad} holds a number that is not finite. Mend or cut it.")
    largest = float(np.abs(array.astype(np.float64)).max())
    if largest > LARGEST:
        raise MateError(f"clip: holds {largest:g}; expected joints or features of a human body.")
    found = joints_to_features(array.astype(np.float64), kind) if array.shape[1:] == joints else array
    found = np.asarray(found, dtype=np.float32)
    [verdict] = judged([found], kind)
    if verdict.refusal:
        raise MateError(
            f"clip: {verdict.refusal} These are options of `mate convert CLIP.npy NEW.npy`: edit what it writes."
        )
    return found, [f"clip: its frames {what}; it was edited all the same." for what in verdict.odd]


def _array(clip: Any) -> NDArray[Any]:
    if isinstance(clip, torch.Tensor):
        held = clip.detach().cpu()
        # numpy has no bfloat16.
        return np.asarray(held.float() if held.dtype == torch.bfloat16 else held)
    try:
        return np.asarray(clip)
    except ValueError as error:
        raise MateError("clip: lists of unequal lengths; expected an array of one motion.") from error
