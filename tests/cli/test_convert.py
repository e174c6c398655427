"""`mate convert` as outsiders call it, on the motions they have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pybvh
import pytest

import mate_hf
from mate_hf.data.kinds import HUMANML3D, KIT
from mate_hf.data.motion_features import joints_to_features, recover
from tests.cli.test_cli import Mate, mate
from tests.data.walking_body import walking

__all__ = ["mate"]


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    np.save(tmp_path / "walk.npy", walking())
    return tmp_path / "walk.npy"


def test_every_ending(mate: Mate, walk: Path, tmp_path: Path) -> None:
    for name in ("a.bvh", "a.glb", "a.npy"):
        done = mate("convert", walk, tmp_path / name)
        assert done.returncode == 0, done.stderr
        assert "80 frames, joints within 0.00 cm (mean)" in " ".join(done.stdout.split())
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), walking())
    assert (tmp_path / "a.glb").read_bytes()[:4] == b"glTF"
    again = mate("convert", walk, tmp_path / "a.bvh")
    assert again.returncode == 1
    assert "--overwrite" in again.stderr
    assert mate("convert", walk, tmp_path / "a.bvh", "--overwrite").returncode == 0


def test_features(mate: Mate, tmp_path: Path) -> None:
    features = joints_to_features(walking(), HUMANML3D)
    np.save(tmp_path / "features.npy", features)
    assert mate("convert", tmp_path / "features.npy", tmp_path / "a.npy").returncode == 0
    np.testing.assert_allclose(np.load(tmp_path / "a.npy"), recover(features, HUMANML3D), atol=1e-5)


def test_other_units_axes_and_rates_keep_every_frame(mate: Mate, tmp_path: Path) -> None:
    joints = walking(240, fps=60)
    np.save(tmp_path / "other.npy", (joints * 100)[..., [0, 2, 1]] * np.float32([1, -1, 1]))
    refused = mate("convert", tmp_path / "other.npy", tmp_path / "a.bvh", "--fps", 60)
    assert refused.returncode == 1
    assert "--scale 0.01" in refused.stderr
    done = mate("convert", tmp_path / "other.npy", tmp_path / "a.bvh", "--scale", 0.01, "--up", "z", "--fps", 60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = pybvh.read_bvh_file(str(tmp_path / "a.bvh"))
    assert found.frame_time == pytest.approx(1 / 60)
    order = [found.joint_names.index(name) for name in HUMANML3D.joint_names]
    np.testing.assert_allclose(np.asarray(found.joint_positions())[:, order] / 100, joints, atol=1e-5)


def test_a_left_handed_motion_is_mirrored(mate: Mate, tmp_path: Path) -> None:
    np.save(tmp_path / "unity.npy", walking() * np.float32([-1, 1, 1]))
    refused = mate("convert", tmp_path / "unity.npy", tmp_path / "a.npy")
    assert "left and right are exchanged" in " ".join(refused.stderr.split())
    assert mate("convert", tmp_path / "unity.npy", tmp_path / "a.npy", "--left-handed").returncode == 0
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), walking())


def test_kit_is_in_millimetres_and_its_files_in_metres(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    joints = rng.uniform(-300, 300, (1, 21, 3)).cumsum(1).repeat(5, axis=0)
    np.save(tmp_path / "kit.npy", joints)
    with pytest.warns(
        UserWarning, match=r"kit\.npy: one of the motions that have bones that no human body has"
    ):
        assert mate_hf.convert(tmp_path / "kit.npy", tmp_path / "a.bvh").fps == KIT.fps
    with pytest.warns(UserWarning, match="no human body has"):
        mate_hf.convert(tmp_path / "kit.npy", tmp_path / "a.npy")
    np.testing.assert_allclose(np.load(tmp_path / "a.npy"), joints / 1000, atol=1e-5)


def test_one_of_several(mate: Mate, tmp_path: Path) -> None:
    batch = np.stack([walking(seed=seed) for seed in range(3)])
    np.save(tmp_path / "batch.npy", batch)
    for flags in ([], ["--motion", "3"], ["--motion", "-1"]):
        done = mate("convert", tmp_path / "batch.npy", tmp_path / "a.npy", *flags)
        assert done.returncode == 1
        assert "3" in done.stderr
    assert "--motion 0 to --motion 2" in " ".join(mate("convert", tmp_path / "batch.npy", tmp_path / "a.npy").stderr.split())  # fmt: skip
    assert not (tmp_path / "a.npy").exists()
    assert mate("convert", tmp_path / "batch.npy", tmp_path / "a.npy", "--motion", "2").returncode == 0
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), batch[2])
    np.save(tmp_path / "features.npy", joints_to_features(batch, HUMANML3D))
    assert mate("convert", tmp_path / "features.npy", tmp_path / "b.bvh", "--motion", "1").returncode == 0
    np.save(tmp_path / "one.npy", batch[:1])
    assert mate("convert", tmp_path / "one.npy", tmp_path / "c.bvh").returncode == 0


def test_a_single_pose(mate: Mate, tmp_path: Path) -> None:
    np.save(tmp_path / "pose.npy", walking(1))
    done = mate("convert", tmp_path / "pose.npy", tmp_path / "a.glb")
    assert done.returncode == 0, done.stderr
    assert "1 frame, joints" in done.stdout
    np.save(tmp_path / "feature.npy", joints_to_features(walking(2), HUMANML3D))
    assert mate("convert", tmp_path / "feature.npy", tmp_path / "b.glb").returncode == 0


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((5, 7)), "frames of 7 features; expected 263"),
        (np.zeros((5, 24, 3)), "24 joints; expected 22"),
        (np.zeros(5), "expected joints (frames, 22, 3) or (frames, 21, 3), or features"),
        (np.zeros((0, 22, 3)), "expected joints (frames, 22, 3)"),
        (np.full((5, 22, 3), np.nan), "NaN or infinite numbers in 5 frames, first in frame 0"),
    ],
)
def test_what_is_no_motion_is_refused(mate: Mate, tmp_path: Path, array: np.ndarray, said: str) -> None:
    np.save(tmp_path / "x.npy", array)
    done = mate("convert", tmp_path / "x.npy", tmp_path / "a.bvh")
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())
    assert f"{tmp_path / 'x.npy'}: " in done.stderr
    assert not (tmp_path / "a.bvh").exists()


def test_an_ending_is_refused_before_anything_is_read(mate: Mate, tmp_path: Path) -> None:
    done = mate("convert", tmp_path / "nowhere.npy", tmp_path / "a.fbx")
    assert done.returncode == 1
    assert "expected .npy, .bvh or .glb" in done.stderr
