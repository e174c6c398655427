"""What differs from person to person; bone lengths do not, as HumanML3D's skeleton is uniform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mate_hf.data.synthetic.controls import Controls
from mate_hf.data.synthetic.skeleton import Array
from mate_hf.data.synthetic.timing import FPS

RESTLESS = {"spine_pitch": 0.025, "spine_yaw": 0.03, "spine_roll": 0.02, "head_pitch": 0.05, "aside": 0.006}
"""Amplitude of the slow noise that nobody standing still is free of (rad, metres)."""


@dataclass(frozen=True)
class Style:
    """One person's habits: radians, metres, or factors around 1."""

    arm_out: float
    elbow: float
    slump: float
    stance: float
    toe_out: float
    stride: float
    swing: float
    bounce: float
    vigour: float
    leads_left: bool


def draw_style(rng: np.random.Generator) -> Style:
    """A new person."""
    return Style(
        arm_out=rng.uniform(0.12, 0.24),
        elbow=rng.uniform(0.15, 0.45),
        slump=rng.uniform(-0.05, 0.10),
        stance=rng.uniform(0.075, 0.115),
        toe_out=rng.uniform(0.03, 0.22),
        stride=rng.uniform(0.93, 1.07),
        swing=rng.uniform(0.65, 1.25),
        bounce=rng.uniform(0.7, 1.2),
        vigour=rng.uniform(0.85, 1.12),
        leads_left=bool(rng.random() < 0.5),
    )


def wander(frames: int, rng: np.random.Generator) -> Array:
    """Smooth noise (frames,) within [-1, 1], slower than 1 Hz."""
    hertz, phase = rng.uniform(0.1, 0.9, (3, 1)), rng.uniform(0, 2 * np.pi, (3, 1))
    return np.sin(2 * np.pi * hertz * np.arange(frames) / FPS + phase).mean(axis=0)


def add_restlessness(controls: Controls, style: Style, rng: np.random.Generator) -> None:
    """Lay posture and slow noise over all that the actions wrote."""
    for name, amplitude in RESTLESS.items():
        controls.ripple(name, amplitude * wander(controls.frames, rng))
    controls.ripple("spine_pitch", np.full(controls.frames, style.slump))
    for side in ("left", "right"):
        for angle in ("flexion", "abduction", "elbow"):
            controls.ripple(f"{side}_{angle}", 0.04 * wander(controls.frames, rng))
