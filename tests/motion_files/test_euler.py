"""Angles say the rotation that they were made from, and go on where they were."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from mate_hf.motion_files.euler import steady_angles
from tests.motion_files.bodies import random_rotations

right_angles = st.sampled_from([0, 45, 90, -90, 180, -135, 89.99999, 90.0001])


def rotation(angles: np.ndarray) -> np.ndarray:
    """Matrices of angles (T, 3) about z, x, y in degrees, by scipy."""
    return Rotation.from_euler("ZXY", angles, degrees=True).as_matrix()


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 2**32 - 1))
def test_any_rotation(seed: int) -> None:
    matrices = random_rotations(np.random.default_rng(seed), 40).reshape(8, 5, 3, 3)
    angles = np.degrees(steady_angles(matrices))
    found = rotation(angles.reshape(-1, 3)).reshape(matrices.shape)
    np.testing.assert_allclose(found, matrices, atol=1e-9)
    assert (np.abs(np.diff(angles, axis=0)) <= 180 + 1e-9)[..., [0, 2]].all()


@given(angles=st.lists(st.tuples(right_angles, right_angles, right_angles), min_size=1, max_size=5))
@settings(deadline=None)
def test_right_angles_where_two_axes_are_one(angles: list[tuple[float, float, float]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matrices = rotation(np.array(angles, dtype=float))
    found = rotation(np.degrees(steady_angles(matrices)))
    np.testing.assert_allclose(found, matrices, atol=3e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("still", [0.0, 0.3])
def test_three_turns_about_one_axis_are_counted_on(axis: int, still: float) -> None:
    angles = np.full((200, 3), still)
    angles[:, axis] = np.linspace(0, 1080, 200)
    found = np.degrees(steady_angles(rotation(angles)))
    if still == 0.0:
        np.testing.assert_allclose(found, angles, atol=1e-5)
    assert abs(found[-1, axis] - 1080) < 1
    assert np.abs(np.diff(found, axis=0))[:, axis].max() < 6.0
