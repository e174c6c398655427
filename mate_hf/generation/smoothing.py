"""Seams without a jolt: near what is given of a clip, made frames take the path of least jerk that is still close to their own."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_features import heading_and_path, out_of_heading, recover
from mate_hf.generation.agreement import FIXED
from mate_hf.generation.places import write_path, write_places

REACH = 8
"""Frames on either side of a seam in which jerk is weighed, less and less."""

CALM = 3.0
"""Of a squared third difference at the seam against a squared distance from where a joint was made to be."""

THIRD = (-1.0, 3.0, -3.0, 1.0)

Array = NDArray[np.floating]


def smoothed(
    features: NDArray[np.float32], kind: MotionKind, given: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Features (T,width), not normalised, calm where frames that are given whole meet others.

    Minimizes, over the places p of each joint in the world, sum_t |p_t - place_t|^2 + sum_t c_t |p_(t+3) - 3 p_(t+2) + 3 p_(t+1) - p_t|^2
    with c falling from `CALM` at a seam to 0 at `REACH` frames from it; given frames stay. The root's path is one of these; its
    heading stays, and so does a path that is given.

    Args:
        given: (T,width), True on what stays as it is.
    """
    whole: NDArray[np.bool_] = np.all(given, axis=1)
    seams = np.flatnonzero(np.diff(whole.astype(int)))
    if not len(seams) or len(features) < len(THIRD):
        return features
    raw = torch.from_numpy(features).double()
    joints = recover(raw, kind).numpy()
    calm = _weights(len(joints), seams)
    travels: NDArray[np.bool_] = np.all(given[:, kind.feature_slices["root_linear_velocity"]], axis=1)
    # A given frame, or a given path, says with its own travel where the root goes next.
    led = travels | np.concatenate([[False], travels[:-1]])
    root, body = _calm(joints[:, :1], led, calm), _calm(joints[:, 1:], whole, calm)
    places = torch.from_numpy(np.concatenate([root, body], 1))
    path = places[:, 0] * places.new_tensor([1.0, 0.0, 1.0])
    turned = out_of_heading(heading_and_path(raw, kind)[0]).unsqueeze(-2)
    found = raw.clone()
    write_path(found, path, turned, kind)
    write_places(found, places, path, turned, kind)
    result: NDArray[np.float32] = np.where(given, features, found.numpy().astype(np.float32))
    return result


def _weights(frames: int, seams: NDArray[np.intp]) -> Array:
    """Of each third difference (T-3,): those whose four frames lie about a seam weigh most."""
    middles = np.arange(frames - 3) + 1.5
    away = np.abs(middles[:, None] - (seams + 0.5)).min(1)
    return CALM * np.cos(np.pi / 2 * np.minimum(away / REACH, 1.0)) ** 2


def _calm(joints: Array, fixed: NDArray[np.bool_], calm: Array) -> Array:
    """Places (T,J,3) where frames (T,) are fixed and third differences (T-3,) weigh: a band of three beside the diagonal."""
    frames = len(joints)
    stay = np.where(fixed, FIXED, 1.0)
    band = np.zeros((len(THIRD), frames))
    band[0] = stay
    for first, one in enumerate(THIRD):
        for second in range(first, len(THIRD)):
            band[second - first, first : first + frames - 3] += calm * one * THIRD[second]
    wanted = stay[:, None] * joints.reshape(frames, -1)
    return np.asarray(solveh_banded(band, wanted, lower=True)).reshape(joints.shape)
