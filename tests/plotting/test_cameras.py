"""The camera is a pinhole: compared with matrices, and with what who stands there sees."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mate_hf.plotting.cameras import LENS, NEAREST, Camera, clipped


@pytest.mark.parametrize(("yaw", "pitch"), [(0.0, 0.0), (0.9, 0.2), (-2.0, 1.2), (np.pi, np.pi / 2)])
def test_it_is_a_pinhole(yaw: float, pitch: float) -> None:
    points = np.random.default_rng(0).normal(size=(50, 3))
    camera = Camera(6.0, yaw, pitch)
    found, scale = camera.project(points)
    # The camera sits on its own z axis, which is turned up from +z and then about y.
    pose = Rotation.from_euler("y", yaw) * Rotation.from_euler("x", -pitch)
    local = pose.inv().apply(points - pose.apply([0.0, 0.0, 6.0]))
    np.testing.assert_allclose(found, LENS * local[:, :2] / -local[:, 2:], atol=1e-12)
    np.testing.assert_allclose(scale, LENS / -local[:, 2])


def test_from_ahead_a_left_hand_is_at_the_right_and_from_above_ahead_is_up() -> None:
    left, ahead = np.array([0.5, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    assert Camera(5.0, 0.0).project(left)[0][0] > 0
    assert Camera(5.0).project(left)[0][0] > 0
    behind_and_above = Camera(5.0, np.pi, np.pi / 2)
    assert behind_and_above.project(left)[0] == pytest.approx([-0.3, 0.0])
    assert behind_and_above.project(ahead)[0] == pytest.approx([0.0, 0.6])


@pytest.mark.parametrize("aspect", [0.5, 1.0, 1.6])
def test_it_stands_so_far_that_bodies_are_seen_whole(aspect: float) -> None:
    height, reach = 2.1, 1.4
    around = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([reach * np.sin(around), np.zeros(60), reach * np.cos(around)], -1)
    seen, _ = Camera.around(height, reach, aspect).project(ring)
    assert np.abs(seen[:, 0]).max() < aspect
    pole, _ = Camera.around(height, reach, aspect).project(np.array([[0.0, -1.05, 0.0], [0.0, 1.05, 0.0]]))
    assert np.abs(pole[:, 1]).max() < 1


def test_lines_are_cut_where_they_pass_the_camera() -> None:
    through = [[0.0, -1.0, 4.0], [0.0, -1.0, -4.0]]
    behind = [[0.0, 0.0, -1.0], [1.0, 0.0, -2.0]]
    level = [[0.0, 0.0, 2.0], [3.0, 0.0, 2.0]]
    found = clipped(np.array([through, behind, level]))
    np.testing.assert_allclose(found, [[[0, -1, 4], [0, -1, NEAREST]], level])
    turned_over = clipped(np.array([through[::-1]]))
    np.testing.assert_allclose(turned_over, [[[0, -1, NEAREST], [0, -1, 4]]])
