"""From footholds to ankles and toes: feet that stay where they stand, roll over their toes and swing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mate_hf.data.synthetic.controls import Controls, eased, smoothed
from mate_hf.data.synthetic.footsteps import Foothold, Step
from mate_hf.data.synthetic.skeleton import FOOT_BACK, FOOT_UP, LONGEST_REACH, Array

FOOT = float(np.hypot(FOOT_BACK, FOOT_UP))
FLAT = float(np.arctan2(FOOT_UP, FOOT_BACK))
"""Angle from toe to ankle of a flat foot; the pitch of a foot comes on top, heel up is positive."""

STEEPEST = 1.0
"""A heel rises no more than this (rad) while its toe stands."""

ROLL = 2.5
"""Frames in which a foot that struck with its heel comes down flat."""


@dataclass
class FootTrack:
    """One foot over time.

    Attributes:
        toe: (T, 3), metres, of the foot as if it were flat.
        yaw: (T,) rad.
        pitch: (T,) rad, heel up positive, before the heel follows the leg.
        planted: (T,) bool, the toe stands on the floor.
        swings: (first, end) frames of each swing and whether the pelvis flies with it.
    """

    toe: Array
    yaw: Array
    pitch: Array
    planted: np.ndarray
    swings: list[tuple[int, int, bool]]


def track_foot(steps: list[Step], start: Foothold, controls: Controls, heel: Array) -> FootTrack:
    """Lay the steps of one foot out over the frames; between them the foot does not move at all."""
    times, hold = controls.times, start
    toe = np.empty((controls.frames, 3))
    toe[:] = (hold.place[0], hold.level, hold.place[1])
    yaw, pitch = np.full(controls.frames, hold.yaw), heel.copy()
    planted, swings = np.ones(controls.frames, bool), []
    for step in steps:
        share = (times - step.lift) / (step.land - step.lift)
        swing, after = (share > 0) & (share < 1), share >= 1
        s = share[swing]
        moved, climbed = eased(s), step.to.level - hold.level
        for axis, (a, b) in ((0, (hold.place[0], step.to.place[0])), (2, (hold.place[1], step.to.place[1]))):
            toe[swing, axis] = a + (b - a) * moved
            toe[after, axis] = b
        rises = eased(1.7 * s) if climbed > 0 else eased(1.7 * s - 0.7)
        fly = controls["lift"][swing] if step.flight else 0.0
        toe[swing, 1] = hold.level + climbed * rises + step.clearance * np.sin(np.pi * s) ** 2 + fly
        toe[after, 1] = step.to.level
        turned = step.to.yaw - hold.yaw
        yaw[swing], yaw[after] = hold.yaw + turned * moved, step.to.yaw
        pitch[swing] += step.strike * eased(2 * s - 1)
        rolling = after & (times < step.land + ROLL)
        pitch[rolling] += step.strike * (1 - eased((times[rolling] - step.land) / ROLL))
        planted[swing] = False
        inside = np.flatnonzero(swing)
        if len(inside):
            swings.append((int(inside[0]), int(inside[-1]) + 1, step.flight))
        hold = step.to
    return FootTrack(toe, yaw, pitch, planted, swings)


def ceiling(track: FootTrack, hip: Array) -> Array:
    """How much the pelvis may rise (T,) before the leg of a standing foot is too short."""
    highest = np.full(len(hip), np.inf)
    for pitch in (track.pitch, np.maximum(track.pitch, 0.8 * STEEPEST)):
        ankle = ankle_of(track.toe, track.yaw, pitch)
        aside = np.sum((hip - ankle)[:, [0, 2]] ** 2, axis=-1)
        room = ankle[:, 1] + np.sqrt(np.maximum(LONGEST_REACH**2 - aside, 0.01)) - hip[:, 1]
        # A heel is lifted only behind the body: the pelvis must not rest on the toes of the foot in front.
        behind = pitch is track.pitch or _ahead(track, hip) > 0.02
        highest = np.where(behind, room, highest)
    return np.where(track.planted, highest, np.inf)


def _ahead(track: FootTrack, hip: Array) -> Array:
    """How far the hip is in front of the flat foot's ankle (T,), metres."""
    way = hip - track.toe
    return way[:, 0] * np.sin(track.yaw) + way[:, 2] * np.cos(track.yaw) + FOOT_BACK


def follow_leg(track: FootTrack, hip: Array) -> Array:
    """The pitch (T,) of the foot: as planned, and heel up as far as the leg needs to reach the floor."""
    way = hip - track.toe
    front = way[:, 0] * np.sin(track.yaw) + way[:, 2] * np.cos(track.yaw)
    far = np.hypot(front, way[:, 1])
    cosine = (np.sum(way**2, -1) + FOOT**2 - LONGEST_REACH**2) / (2 * FOOT * far)
    needed = np.arctan2(way[:, 1], -front) - np.arccos(np.clip(cosine, -1, 1)) - FLAT
    pitch = np.maximum(track.pitch, np.clip(np.where(track.planted, needed, 0), 0, STEEPEST))
    for first, end, flight in track.swings:
        if first == 0 or flight:
            continue
        push = pitch[first - 1]
        share = (np.arange(first, end) - first + 1) / (end - first + 1)
        pitch[first:end] += push * (1 - eased(1.3 * share)) + 0.35 * push * np.sin(np.pi * share)
    return pitch


def ankle_of(toe: Array, yaw: Array, pitch: Array) -> Array:
    """The ankle (T, 3) of a foot whose flat toe is at `toe`: it turns about the toe while the heel is up."""
    angle = FLAT + np.maximum(pitch, 0.0)
    back = FOOT * np.cos(angle)
    return toe + np.stack([-np.sin(yaw) * back, FOOT * np.sin(angle), -np.cos(yaw) * back], -1)


def toe_of(ankle: Array, yaw: Array, pitch: Array) -> Array:
    """The toe (T, 3) of a foot with its ankle at `ankle`."""
    front = FOOT * np.cos(FLAT + pitch)
    return ankle + np.stack([np.sin(yaw) * front, -FOOT * np.sin(FLAT + pitch), np.cos(yaw) * front], -1)


def settled(room: Array, half: int = 4) -> Array:
    """A smooth curve nowhere above `room` (T,): the lowest of its neighbourhood, averaged over it."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(room, half, mode="edge"), 2 * half + 1)
    return smoothed(windows.min(axis=-1), half)
