"""A BVH file read by a program of somebody else has the joints where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pybvh
import pytest

from mate_hf.data.kinds import HUMANML3D, KINDS, MotionKind
from mate_hf.motion_files import write_motion
from mate_hf.motion_files.solving import solve
from tests.motion_files.bodies import about_y, acted, random_body


def read(path: Path, kind: MotionKind = HUMANML3D) -> np.ndarray:
    """Joints in the kind's order, (T, J, 3) metres."""
    found = pybvh.read_bvh_file(str(path))
    order = [found.joint_names.index(name) for name in kind.joint_names]
    return np.asarray(found.joint_positions())[:, order] / 100


@pytest.mark.parametrize("number", range(3))
def test_another_reader_finds_the_joints(tmp_path: Path, number: int) -> None:
    joints = acted(number) + np.array([3.0, 0.2, -1.0])
    written = write_motion(tmp_path / "a.bvh", joints, 20)
    found = pybvh.read_bvh_file(str(tmp_path / "a.bvh"))
    np.testing.assert_allclose(read(tmp_path / "a.bvh"), solve(joints, HUMANML3D).positions(), atol=1e-6)
    np.testing.assert_allclose(read(tmp_path / "a.bvh"), joints, atol=1e-5)
    assert found.frame_time == pytest.approx(0.05)
    assert found.frame_count == len(joints) == written.frames
    assert set(found.euler_orders) == {"ZXY"}
    assert (found.rest_up, found.rest_forward) == ("+y", "+z")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("frames", [1, 5])
def test_any_body_of_any_kind(tmp_path: Path, kind: MotionKind, frames: int) -> None:
    joints = random_body(kind, frames, 1)
    write_motion(tmp_path / "a.bvh", joints, 12.5)
    np.testing.assert_allclose(read(tmp_path / "a.bvh", kind), joints, atol=1e-5)
    assert pybvh.read_bvh_file(str(tmp_path / "a.bvh")).frame_time == pytest.approx(0.08)


def test_a_foot_without_a_bone_is_a_file_all_the_same(tmp_path: Path) -> None:
    joints = acted(0).copy()
    joints[:, 10:12] = joints[:, 7:9]
    write_motion(tmp_path / "a.bvh", joints, 20)
    np.testing.assert_allclose(read(tmp_path / "a.bvh"), joints, atol=1e-5)


def test_a_body_that_spins_is_counted_on(tmp_path: Path) -> None:
    angles = np.linspace(0, 6 * np.pi, 90)
    joints = acted(0)[:1] @ about_y(angles).transpose(0, 2, 1)
    write_motion(tmp_path / "a.bvh", joints, 20)
    rows = (tmp_path / "a.bvh").read_text().split("Frame Time: 0.05\n")[1].splitlines()
    heading = np.array([row.split() for row in rows], dtype=float)[:, 5]
    assert heading[-1] - heading[0] == pytest.approx(1080, abs=1)
    assert np.abs(np.diff(heading)).max() < 20


def test_every_joint_is_named_and_every_end_closed(tmp_path: Path) -> None:
    write_motion(tmp_path / "a.bvh", acted(0), 20)
    text = (tmp_path / "a.bvh").read_text()
    for name in HUMANML3D.joint_names:
        assert f"{'JOINT' if name != 'pelvis' else 'ROOT'} {name}\n" in text
    assert text.count("End Site") == 5
    assert "-0.000000" not in text
    assert text.endswith("\n")
