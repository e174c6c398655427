"""Seams are calm, what is given stays, and what is far from a seam stays too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from mate_hf.data import rotations
from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.motion_features import heading_and_path, joints_to_features, out_of_heading, recover
from mate_hf.generation import smoothing
from mate_hf.generation.editing import Kept
from mate_hf.generation.seams import report_edit
from mate_hf.generation.smoothing import CALM, REACH, smoothed
from tests.data.walking_body import walking


@pytest.fixture
def clip() -> NDArray[np.float32]:
    return joints_to_features(walking(101, 3), HUMANML3D).astype(np.float32)


@pytest.fixture
def broken(clip: NDArray[np.float32]) -> NDArray[np.float32]:
    """Made in the middle: the body jumps by some centimetres where the clip ends, and where it goes on."""
    made = clip.copy()
    place = HUMANML3D.feature_slices["joint_positions"]
    made[40:70, place] += np.random.default_rng(0).normal(scale=0.03, size=63).astype(np.float32)
    return made


def given(*spans: tuple[int, int], frames: int = 100) -> NDArray[np.bool_]:
    found = np.zeros((frames, 263), dtype=bool)
    for start, end in spans:
        found[start:end] = True
    return found


def test_a_jolt_at_a_seam_goes_and_what_is_given_stays(
    clip: NDArray[np.float32], broken: NDArray[np.float32]
) -> None:
    kept = given((0, 40), (70, 100))
    calm = smoothed(broken, HUMANML3D, kept)
    before, after = (report_edit(made, clip, kept, HUMANML3D) for made in (broken, calm))
    assert before.seam_jerk is not None
    assert after.seam_jerk is not None
    assert after.seam_jerk < 0.25 * before.seam_jerk
    assert (calm[kept] == broken[kept]).all()
    assert after.kept_error < 1e-3


def test_a_path_that_jolts_is_calmed_and_still_arrives(clip: NDArray[np.float32]) -> None:
    kept = given((0, 40), (70, 100))
    made = clip.copy()
    travel = HUMANML3D.feature_slices["root_linear_velocity"]
    made[40:69, travel] = clip[40:69, travel].mean(0)
    made[45:55, travel] += 0.02
    made[55:65, travel] -= 0.02
    calm = smoothed(made, HUMANML3D, kept)
    paths = [heading_and_path(torch.from_numpy(part).double(), HUMANML3D)[1] for part in (made, calm)]
    assert (paths[0][70:] - paths[1][70:]).abs().max() < 1e-5
    assert (paths[0][:41] - paths[1][:41]).abs().max() < 1e-6


def test_where_the_path_is_given_too_the_rest_stays_upon_it() -> None:
    joints = walking(101, 3)
    joints[:, :, [0, 2]] += np.random.default_rng(0).normal(scale=0.01, size=(101, 1, 2)).cumsum(0)
    made = joints_to_features(joints, HUMANML3D).astype(np.float32)
    kept = given((0, 40), (70, 100)) | Kept(joints=["legs"]).channels(HUMANML3D)
    calm = torch.from_numpy(smoothed(made, HUMANML3D, kept)).double()
    turned = out_of_heading(heading_and_path(calm, HUMANML3D)[0]).unsqueeze(-2)
    velocities = calm[:, HUMANML3D.feature_slices["joint_velocities"]].unflatten(-1, (22, 3))
    steps = rotations.rotate(turned, velocities)[:-1]
    moved = recover(calm, HUMANML3D).diff(dim=0)
    torch.testing.assert_close(moved[40:69], steps[40:69], atol=1e-5, rtol=0)


def test_far_from_seams_nothing_moves(broken: NDArray[np.float32]) -> None:
    calm = smoothed(broken, HUMANML3D, given((0, 40)))
    moved = np.abs(recover(calm, HUMANML3D) - recover(broken, HUMANML3D)).max((1, 2))
    assert moved[:40].max() < 1e-6
    assert moved[40 + REACH + 3 :].max() < 1e-5
    assert moved[40 : 40 + REACH].max() > 1e-2


def test_without_a_seam_in_time_all_stays(broken: NDArray[np.float32]) -> None:
    joints = np.zeros(broken.shape, dtype=bool)
    joints[:, 4:67] = True
    for kept in (given(), given((0, 100)), joints):
        assert smoothed(broken, HUMANML3D, kept) is broken
    assert smoothed(broken[:3], HUMANML3D, given((0, 2), frames=3)).shape == (3, 263)


def test_places_are_the_least_squares_of_staying_and_of_third_differences() -> None:
    random = np.random.default_rng(0)
    joints, fixed = random.normal(size=(40, 2, 3)), np.arange(40) < 12
    calm = smoothing._weights(40, np.array([11]))
    assert calm.max() == pytest.approx(CALM)
    assert calm[int(11.5 + REACH) :].max() == pytest.approx(0, abs=1e-12)
    found = smoothing._calm(joints, fixed, calm)
    stay = np.where(fixed, smoothing.FIXED, 1.0)
    rows = [np.diag(np.sqrt(stay))]
    for frame, weight in enumerate(calm):
        row = np.zeros((1, 40))
        row[0, frame : frame + 4] = np.sqrt(weight) * np.array([-1.0, 3.0, -3.0, 1.0])
        rows.append(row)
    wanted = np.vstack([np.sqrt(stay)[:, None] * joints.reshape(40, 6), np.zeros((37, 6))])
    expected = np.linalg.lstsq(np.vstack(rows), wanted, rcond=None)[0].reshape(joints.shape)
    assert np.abs(found - expected).max() < 1e-6
