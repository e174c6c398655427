"""Sliding feet and jerk of motions of which both are known by a formula."""

from __future__ import annotations

import numpy as np
import pytest

from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.synthetic import Action
from mate_hf.evaluation.obedience import quality_of_motions
from mate_hf.evaluation.obedience.quality import cleanness
from mate_hf.evaluation.obedience.seen_body import see
from tests.evaluation.obedience.acted_prompts import acted

LEFT, RIGHT = HUMANML3D.left_foot[1], HUMANML3D.right_foot[1]


def standing(frames: int = 61) -> np.ndarray:
    joints = np.repeat(acted([Action("bow")], 0)[:1].astype(float), frames, axis=0)
    joints[:, [LEFT, RIGHT], 1] = 0.0
    return joints


def test_a_foot_that_slides_on_the_floor_skates() -> None:
    joints = standing()
    joints[:, LEFT, 0] += 0.03 * np.arange(61)
    found = cleanness(see(joints, 20.0))
    assert found.skating == 100.0
    assert found.sliding == pytest.approx(1.5)
    slower = standing()
    slower[:, LEFT, 0] += 0.024 * np.arange(61)
    assert cleanness(see(slower, 20.0)).skating == 0.0
    assert cleanness(see(slower, 25.0)).skating == 100.0


def test_a_foot_in_the_air_and_one_that_rises_do_not() -> None:
    joints = standing()
    joints[:, LEFT, 0] += 0.3 * np.arange(61)
    joints[:, LEFT, 1] = 0.06
    assert cleanness(see(joints, 20.0)).skating == 0.0
    joints[:, LEFT, 1] = np.where(np.arange(61) % 2, 0.06, 0.0)
    assert cleanness(see(joints, 20.0)).skating == 0.0
    joints[:31, LEFT, 1] = 0.0
    assert cleanness(see(joints, 20.0)).skating == pytest.approx(50.0)


def test_jerk_is_the_third_derivative() -> None:
    joints = standing()
    assert cleanness(see(joints, 20.0)).jerk == pytest.approx(0.0, abs=1e-6)
    joints[:, :, 2] += 0.5 * (np.arange(61) / 20.0)[:, None] ** 3
    assert cleanness(see(joints, 20.0)).jerk == pytest.approx(3.0)


def test_of_several_motions_it_is_the_mean_over_them() -> None:
    motions = [acted([Action("run", "left")], seed) for seed in range(4)]
    found = quality_of_motions(motions, 20.0)
    single = [cleanness(see(joints, 20.0)) for joints in motions]
    for name, estimate in found.items():
        values = [getattr(one, name) for one in single]
        assert estimate.mean == pytest.approx(np.mean(values))
        assert estimate.low is not None
        assert min(values) <= estimate.low <= estimate.mean
