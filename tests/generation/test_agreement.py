"""Positions and velocities agree: real motion stays as it is, trembling goes, and what was given stays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mate_hf.data.kinds import HUMANML3D, KIT, MotionKind
from mate_hf.data.motion_features import joints_to_features, recover
from mate_hf.generation import agreement
from mate_hf.generation.agreement import TRUST, agreed
from mate_hf.generation.seams import mean_jerk
from tests.data.walking_body import walking

POSITIONS = HUMANML3D.feature_slices["joint_positions"]


@pytest.fixture
def real() -> NDArray[np.float32]:
    return joints_to_features(walking(81, 3), HUMANML3D).astype(np.float32)


def trembling(features: NDArray[np.float32], kind: MotionKind = HUMANML3D) -> NDArray[np.float32]:
    noise = np.random.default_rng(0).normal(scale=0.01, size=features.shape).astype(np.float32)
    # A network says a step better than the place that it leads to.
    noise[:, kind.feature_slices["joint_velocities"]] *= 0.3
    noisy = features.copy()
    for group in ("joint_positions", "root_height", "joint_velocities"):
        noisy[:, kind.feature_slices[group]] += noise[:, kind.feature_slices[group]]
    return noisy


def test_real_motion_stays_as_it_is(real: NDArray[np.float32]) -> None:
    assert np.abs(agreed(real, HUMANML3D) - real).max() < 1e-5


def test_a_trembling_body_comes_nearer_to_what_it_was_and_to_rest(real: NDArray[np.float32]) -> None:
    noisy = trembling(real)
    calm = agreed(noisy, HUMANML3D)
    truth, before, after = (recover(part, HUMANML3D) for part in (real, noisy, calm))
    assert mean_jerk(after, 20.0).mean() < 0.35 * mean_jerk(before, 20.0).mean()
    assert (
        np.linalg.norm(after - truth, axis=-1).mean() < 0.8 * np.linalg.norm(before - truth, axis=-1).mean()
    )
    untouched = np.ones(263, dtype=bool)
    for group in ("joint_positions", "root_height", "joint_velocities"):
        untouched[HUMANML3D.feature_slices[group]] = False
    assert (calm[:, untouched] == noisy[:, untouched]).all()


def test_its_positions_are_the_least_squares_of_both(real: NDArray[np.float32]) -> None:
    noisy = trembling(real)
    steps = np.random.default_rng(1).normal(size=(79, 22, 3))
    joints = recover(noisy, HUMANML3D).astype(np.float64)
    weights = np.ones((80, 22))
    weights[:10, 3] = 7.0
    found = agreement._fitted(joints, steps, weights)
    difference = np.diff(np.eye(80), axis=0)
    for joint in (0, 3):
        stacked = np.vstack([np.diag(np.sqrt(weights[:, joint])), np.sqrt(TRUST) * difference])
        wanted = np.vstack(
            [np.sqrt(weights[:, joint, None]) * joints[:, joint], np.sqrt(TRUST) * steps[:, joint]]
        )
        expected = np.linalg.lstsq(stacked, wanted, rcond=None)[0]
        assert np.abs(found[:, joint] - expected).max() < 1e-9


def test_velocities_lead_from_position_to_position(real: NDArray[np.float32]) -> None:
    calm = agreed(trembling(real), HUMANML3D)
    assert np.abs(agreed(calm, HUMANML3D) - calm).max() < 1e-5


def test_what_is_given_stays_and_its_neighbours_come_to_meet_it(real: NDArray[np.float32]) -> None:
    noisy = trembling(real)
    given = np.zeros(noisy.shape, dtype=bool)
    given[:30] = True
    noisy[:30] = real[:30]
    left = POSITIONS.start + 3 * (HUMANML3D.joint_names.index("left_knee") - 1)
    given[:, left : left + 3] = True
    calm = agreed(noisy, HUMANML3D, given)
    assert (calm[given] == noisy[given]).all()
    assert not np.array_equal(calm[31:, POSITIONS], noisy[31:, POSITIONS])
    step = np.linalg.norm(
        np.diff(recover(calm, HUMANML3D), axis=0)[29] - np.diff(recover(real, HUMANML3D), axis=0)[29], axis=-1
    )
    rough = np.linalg.norm(
        np.diff(recover(noisy, HUMANML3D), axis=0)[29] - np.diff(recover(real, HUMANML3D), axis=0)[29],
        axis=-1,
    )
    assert step.mean() < 0.6 * rough.mean()


def test_kit_motions_and_single_frames(real: NDArray[np.float32]) -> None:
    assert (agreed(real[:1], HUMANML3D) == real[:1]).all()
    kit = np.random.default_rng(0).normal(size=(20, 251)).astype(np.float32)
    assert agreed(kit, KIT).shape == (20, 251)
