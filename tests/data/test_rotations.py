"""Quaternions against scipy's rotations, and the directions where the textbook formula divides by zero."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.transform import Rotation

from mate_hf.data import rotations

vectors = hnp.arrays(np.float64, 3, elements=st.integers(-4, 4).map(float))
quaternions = (
    hnp.arrays(np.float64, 4, elements=st.integers(-9, 9).map(float))
    .filter(lambda q: np.any(q != 0))
    .map(lambda q: q / np.linalg.norm(q))
)


def scipy_rotation(q: np.ndarray) -> Rotation:
    # Its own order is x, y, z, w; before 1.14 it knows no other.
    return Rotation.from_quat(np.roll(q, -1, axis=-1))


@given(quaternions, quaternions, vectors)
def test_products_and_turned_vectors_agree_with_scipy(q: np.ndarray, r: np.ndarray, v: np.ndarray) -> None:
    tq, tr, tv = map(torch.from_numpy, (q, r, v))
    product = scipy_rotation(q) * scipy_rotation(r)
    np.testing.assert_allclose(rotations.rotate(rotations.multiply(tq, tr), tv), product.apply(v), atol=1e-9)
    np.testing.assert_allclose(
        rotations.rotate(rotations.conjugate(tq), tv), scipy_rotation(q).inv().apply(v), atol=1e-9
    )


@given(quaternions)
def test_six_numbers_are_the_first_two_matrix_columns(q: np.ndarray) -> None:
    matrix = scipy_rotation(q).as_matrix()
    np.testing.assert_allclose(rotations.to_6d(torch.from_numpy(q)), matrix[:, :2].T.reshape(-1), atol=1e-9)


@given(vectors.filter(np.any), vectors.filter(np.any))
def test_a_direction_is_turned_into_another_even_when_they_are_opposite(u: np.ndarray, v: np.ndarray) -> None:
    q = rotations.between(torch.from_numpy(u), torch.from_numpy(v))
    assert q[0] >= 0
    np.testing.assert_allclose(
        rotations.rotate(q, torch.from_numpy(u / np.linalg.norm(u))), v / np.linalg.norm(v), atol=1e-7
    )
    assert q.norm().item() == pytest.approx(1.0)


def test_a_body_that_faces_backwards_is_turned_about_the_vertical() -> None:
    q = rotations.between(torch.tensor([0.0, 0.0, -1.0]), torch.tensor([0.0, 0.0, 1.0]))
    assert q.abs().tolist() == [0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("pair", [([0.0, 0.0, 0.0], [0.0, 1.0, 0.0]), ([0.0, 1.0, 0.0], [0.0, 0.0, 0.0])])
def test_a_bone_of_no_length_is_not_turned(pair: tuple[list[float], list[float]]) -> None:
    assert rotations.between(*map(torch.tensor, pair)).tolist() == [1.0, 0.0, 0.0, 0.0]


def test_about_y_turns_by_twice_the_half_angle() -> None:
    q = rotations.about_y(torch.tensor([0.3, -1.2], dtype=torch.float64)).numpy()
    np.testing.assert_allclose(scipy_rotation(q).as_rotvec(), [[0, 0.6, 0], [0, -2.4, 0]], atol=1e-12)
