"""Motions in other units, along other axes or at another rate become what they would have been."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.data.conversion import convert_file
from mate_hf.data.coordinates import AXES, Coordinates, resampled
from mate_hf.data.kinds import HUMANML3D, KIT
from mate_hf.data.motion_features import joints_to_features
from mate_hf.errors import MateError
from tests.data.walking_body import walking


def turned(up: str) -> np.ndarray:
    """The rotation (3,3) that takes `up` to +y, by Rodrigues' formula."""
    sign = -1.0 if up.startswith("-") else 1.0
    a = sign * np.eye(3)["xyz".index(up[-1])]
    b = np.array([0.0, 1.0, 0.0])
    if np.allclose(a, -b):
        return np.diag([1.0, -1.0, -1.0])
    v = np.cross(a, b)
    skew = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    return np.eye(3) + skew + skew @ skew / (1 + a @ b)


@pytest.mark.parametrize("up", AXES)
def test_an_axis_up_is_a_rotation_and_no_mirror(up: str) -> None:
    joints = walking()
    found = Coordinates(up=up).joints(joints, HUMANML3D)
    np.testing.assert_allclose(found, joints @ turned(up).T.astype(np.float32), atol=1e-6)
    mirrored = Coordinates(up=up, left_handed=True).joints(joints, HUMANML3D)
    np.testing.assert_array_equal(mirrored, found * np.float32([-1, 1, 1]))


def test_features_of_another_scale_are_those_of_scaled_joints() -> None:
    joints = walking()
    found = Coordinates(scale=0.01).features(
        joints_to_features(joints * np.float32(100), HUMANML3D), HUMANML3D
    )
    np.testing.assert_allclose(found, joints_to_features(joints, HUMANML3D), atol=2e-5)
    assert found[:, -4:].any()


def test_features_of_a_mirrored_or_faster_body_are_those_of_its_joints_but_for_the_last_frame() -> None:
    joints = walking(turn=0.0)
    mirrored = joints_to_features(joints * np.float32([-1, 1, 1]), HUMANML3D)
    found = Coordinates(left_handed=True).features(mirrored, HUMANML3D)
    np.testing.assert_allclose(found, joints_to_features(joints, HUMANML3D)[:-1], atol=2e-4)
    fast = joints_to_features(walking(160, fps=40, turn=0.0), HUMANML3D)
    found = Coordinates(fps=40).features(fast, HUMANML3D)
    np.testing.assert_allclose(
        found[:, 4:67], joints_to_features(joints, HUMANML3D)[: len(found), 4:67], atol=2e-3
    )


def test_features_have_lost_any_other_axis() -> None:
    with pytest.raises(MateError, match=r"up z: features were computed with y up"):
        Coordinates(up="z").features(joints_to_features(walking(), HUMANML3D), HUMANML3D)


class TestResampling:
    def test_takes_every_sixth_frame_of_120(self) -> None:
        joints = walking(481, fps=120)
        found = Coordinates(fps=120).joints(joints, HUMANML3D)
        np.testing.assert_array_equal(found, joints[::6])

    def test_follows_a_smooth_motion_between_frames(self) -> None:
        found = Coordinates(fps=30).joints(walking(90, fps=30), HUMANML3D)
        assert len(found) == 60
        np.testing.assert_allclose(found[:-1], walking(60, fps=20)[:-1], atol=2e-3)

    @settings(deadline=None, max_examples=60)
    @given(
        st.integers(2, 400),
        st.sampled_from([10, 12.5, 24, 25, 30, 50, 59.94, 60, 100, 120, 240]),
        st.booleans(),
    )
    def test_keeps_ends_lengths_and_straight_lines(self, frames: int, fps: float, kit: bool) -> None:
        kind = KIT if kit else HUMANML3D
        line = np.arange(frames, dtype=np.float64)[:, None, None] * np.ones((1, kind.joints, 3))
        told = Coordinates(fps=fps)
        found = told.joints(line, kind)
        step = fps / kind.fps
        assert len(found) == told.frames(frames, kind) == math.floor((frames - 1) / step + 1e-6) + 1
        inner = found[1:-2] if len(found) > 4 and step >= 1 else found[:1]
        np.testing.assert_allclose(np.diff(inner, axis=0), step, atol=1e-6)

    def test_of_the_same_rate_is_nothing(self) -> None:
        joints = walking()
        assert Coordinates(fps=20).joints(joints, HUMANML3D) is joints
        assert not Coordinates(1.0, "y", 20).change(HUMANML3D)
        assert Coordinates(1.0, "y", 20).change(KIT)
        np.testing.assert_array_equal(resampled(joints, 1.0), joints)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scale": 0}, "scale: 0; expected a number from 1e-06 to 1e+06"),
        ({"scale": -1}, "scale: -1"),
        ({"scale": math.nan}, "scale: nan"),
        ({"scale": math.inf}, "scale: inf"),
        ({"up": "w"}, "up: 'w'; expected one of y, z, x, -y, -z, -x"),
        ({"fps": 0}, "fps: 0; expected frames per second"),
        ({"fps": math.nan}, "fps: nan"),
        ({"fps": 1e-9}, "fps: 1e-09; expected frames per second, 1 to 1000"),
    ],
)
def test_what_means_nothing_is_refused(options: dict[str, float], said: str) -> None:
    with pytest.raises(MateError) as raised:
        Coordinates(**options)  # type: ignore[arg-type]
    assert said in str(raised.value)


class TestConvertFile:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        np.save(tmp_path / "cm.npy", walking() * np.float32(100))
        return tmp_path / "cm.npy"

    def test_refuses_centimetres_and_takes_them_when_told(self, tmp_path: Path, file: Path) -> None:
        with pytest.raises(MateError, match=r"cm\.npy: a leg and the trunk of 145\.4 m.*--scale 0\.01"):
            convert_file(file, tmp_path / "out.npy")
        assert not (tmp_path / "out.npy").exists()
        assert convert_file(file, tmp_path / "out.npy", scale=0.01) == 79
        np.testing.assert_allclose(
            np.load(tmp_path / "out.npy"), joints_to_features(walking(), HUMANML3D), atol=1e-4
        )

    def test_goes_back_by_the_same_options(self, tmp_path: Path, file: Path) -> None:
        with pytest.warns(UserWarning, match="are of no human size"):
            convert_file(file, tmp_path / "features.npy", scale=1)
        with pytest.raises(MateError, match=r"--scale 0\.01"):
            convert_file(tmp_path / "features.npy", tmp_path / "joints.npy", inverse=True)
        convert_file(tmp_path / "features.npy", tmp_path / "joints.npy", inverse=True, scale=0.01)
        height = np.load(tmp_path / "joints.npy")[..., 1]
        np.testing.assert_allclose(height, walking()[:-1, :, 1], atol=1e-4)
