"""A skeleton solved from joint positions has its joints where they were, and faces where they faced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from mate_hf.data.kinds import HUMANML3D, KINDS, KIT, MotionKind
from mate_hf.motion_files.skeleton import Animation
from mate_hf.motion_files.solving import solve
from tests.motion_files.bodies import (
    about_y,
    acted,
    apart,
    facing_angle,
    mirrored,
    other_side,
    random_body,
)

ACTED = range(6)

CLOSE = 1e-3
"""Metres."""


def matrices(animation: Animation) -> np.ndarray:
    """Of each joint against its parent, (T, J, 3, 3), by the textbook."""
    w, x, y, z = np.moveaxis(animation.rotations, -1, 0)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, -1) for row in rows], -2)


def kinematics(animation: Animation) -> tuple[np.ndarray, np.ndarray]:
    """Places (T, J, 3) and rotations (T, J, 3, 3) in the world."""
    turned = matrices(animation)
    places = np.zeros(turned.shape[:3])
    places[:, 0] = animation.root
    for joint, parent in enumerate(animation.skeleton.parents[1:], start=1):
        places[:, joint] = places[:, parent] + turned[:, parent] @ animation.skeleton.offsets[joint]
        turned[:, joint] = turned[:, parent] @ turned[:, joint]
    return places, turned


def away(animation: Animation, joints: np.ndarray) -> np.ndarray:
    """How far joints lie from those given, (T, J) metres."""
    return np.linalg.norm(kinematics(animation)[0] - joints, axis=-1)


@pytest.mark.parametrize("number", ACTED)
def test_stiff_bones_are_exact_and_the_body_faces_where_it_faced(number: int) -> None:
    joints = acted(number)
    animation = solve(joints, HUMANML3D)
    places, turned = kinematics(animation)
    np.testing.assert_allclose(places, joints, atol=1e-5)
    np.testing.assert_allclose(animation.positions(), places, atol=1e-9)
    np.testing.assert_array_equal(animation.root, joints[:, 0])
    assert apart(facing_angle(places), facing_angle(joints)) < 0.01
    lengths = np.linalg.norm(places[:, 1:] - places[:, HUMANML3D.parents[1:]], axis=-1)
    assert np.ptp(lengths, axis=0).max() < 1e-5
    ahead = turned[:, 0, :, 2]
    across = joints[:, 1] - joints[:, 2]
    assert apart(np.arctan2(ahead[:, 0], ahead[:, 2]), np.arctan2(-across[:, 2], across[:, 0])) < 10


def test_the_motions_that_are_tried_turn() -> None:
    turns = [np.ptp(np.unwrap(facing_angle(acted(number)))) for number in ACTED]
    assert max(turns) > np.pi / 2


@pytest.mark.parametrize("number", ACTED)
def test_a_motion_in_a_mirror_is_solved_to_the_mirror_image(number: int) -> None:
    animation = solve(acted(number), HUMANML3D)
    image = solve(mirrored(acted(number)), HUMANML3D)
    np.testing.assert_allclose(image.positions(), mirrored(animation.positions()), atol=1e-5)
    expected = animation.rotations[:, other_side()] * [1.0, 1.0, -1.0, -1.0]
    np.testing.assert_allclose(np.abs((image.rotations * expected).sum(-1)), 1.0, atol=1e-6)
    np.testing.assert_allclose(
        image.skeleton.offsets, animation.skeleton.offsets[other_side()] * [-1.0, 1.0, 1.0], atol=1e-5
    )


@pytest.mark.parametrize("angle", [0.7, 2.5, -3.0])
def test_a_turned_motion_is_the_same_body_with_its_root_turned(angle: float) -> None:
    joints = acted(0)
    turn = about_y(np.array([angle]))[0]
    animation, turned = solve(joints, HUMANML3D), solve(joints @ turn.T, HUMANML3D)
    np.testing.assert_allclose(
        np.abs((turned.rotations[:, 1:] * animation.rotations[:, 1:]).sum(-1)), 1.0, atol=1e-6
    )
    np.testing.assert_allclose(turned.skeleton.offsets, animation.skeleton.offsets, atol=1e-6)
    np.testing.assert_allclose(kinematics(turned)[1][:, 0], turn @ kinematics(animation)[1][:, 0], atol=1e-6)


def test_a_body_at_rest_is_a_standing_t_pose() -> None:
    skeleton = solve(acted(0), HUMANML3D).skeleton
    place = dict(zip(skeleton.names, skeleton.places, strict=True))
    assert place["left_wrist"][0] > 0.5
    assert place["right_wrist"][0] < -0.5
    assert abs(place["left_wrist"][1] - place["left_shoulder"][1]) < 0.05
    assert place["head"][1] > place["pelvis"][1] > place["left_knee"][1] > place["left_ankle"][1] > 0
    assert place["left_foot"][2] > place["left_ankle"][2] + 0.05
    assert skeleton.ends[HUMANML3D.joint("head")][1] > 0.1
    assert skeleton.ends[HUMANML3D.joint("right_wrist")][0] < -0.1
    assert not skeleton.ends[[joint for joint in HUMANML3D.parents if joint >= 0]].any()


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), frames=st.integers(1, 6), kit=st.booleans())
def test_any_stiff_body_comes_back(seed: int, frames: int, kit: bool) -> None:
    kind = KIT if kit else HUMANML3D
    joints = random_body(kind, frames, seed)
    assert away(solve(joints, kind), joints).max() < CLOSE


def test_bones_that_change_their_length_cost_that_and_no_more() -> None:
    rng = np.random.default_rng(0)
    joints = acted(1) + rng.normal(0, 0.005, acted(1).shape)
    animation = solve(joints, HUMANML3D)
    places = kinematics(animation)[0]
    lengths = np.linalg.norm(places[:, 1:] - places[:, HUMANML3D.parents[1:]], axis=-1)
    assert np.ptp(lengths, axis=0).max() < 1e-5
    found = np.linalg.norm(joints[:, 1:] - joints[:, HUMANML3D.parents[1:]], axis=-1)
    np.testing.assert_allclose(lengths[0], np.median(found, axis=0), atol=1e-6)
    assert away(animation, joints).mean() < 0.008
    # Not added up along a limb: a foot is as near as a knee.
    assert away(animation, joints)[:, 10:12].mean() < 0.008
    assert apart(facing_angle(places), facing_angle(joints)) < 3


def test_a_spine_that_sways_against_the_hips_does_not_turn_the_body() -> None:
    joints = acted(1).copy()
    left = joints[:, 1] - joints[:, 2]
    left /= np.linalg.norm(left, axis=-1, keepdims=True)
    joints[:, 3] += 0.03 * np.sin(np.arange(len(joints)) / 5)[:, None] * left
    animation = solve(joints, HUMANML3D)
    assert apart(facing_angle(animation.positions()), facing_angle(joints)) < 1
    assert away(animation, joints)[:, 1:3].max() < 0.01


def test_a_broken_frame_breaks_no_other() -> None:
    joints = acted(1).copy()
    joints[0, [1, 2, 3]] = joints[0, [2, 3, 1]]
    assert away(solve(joints, HUMANML3D), joints)[1:].max() < CLOSE


def test_twist_of_the_trunk_is_shared_by_the_joints_between_pelvis_and_chest() -> None:
    pose = acted(0)[:1]
    angles = np.linspace(0, np.radians(60), 7)
    joints = np.repeat(pose, len(angles), axis=0)
    above = [HUMANML3D.joint(name) for name in HUMANML3D.joint_names if name in ("neck", "head")]
    above += [joint for joint, name in enumerate(HUMANML3D.joint_names) if joint > 12 and joint not in above]
    chest = pose[:, 9]
    joints[:, above] = (joints[:, above] - chest) @ about_y(angles).transpose(0, 2, 1) + chest
    animation = solve(joints, HUMANML3D)
    assert away(animation, joints).max() < CLOSE
    turned = np.degrees(
        [
            (animation.rotation(joint)[len(angles) - 1] * animation.rotation(joint)[0].inv()).magnitude()
            for joint in (3, 6, 9)
        ]
    )
    np.testing.assert_allclose(turned, 20, atol=4)


@pytest.mark.parametrize("number", ACTED)
def test_rotations_do_not_jump(number: int) -> None:
    joints = acted(number)
    animation = solve(joints, HUMANML3D)
    assert ((animation.rotations[1:] * animation.rotations[:-1]).sum(-1) > 0).all()
    turned = kinematics(animation)[1]
    for joint in range(HUMANML3D.joints):
        children = animation.skeleton.children(joint)
        if len(children) == 1:
            bone = joints[:, children[0]] - joints[:, joint]
            bone /= np.linalg.norm(bone, axis=-1, keepdims=True)
            swung = np.degrees(np.arccos(np.clip((bone[1:] * bone[:-1]).sum(-1), -1, 1)))
            step = turned[1:, joint] @ turned[:-1, joint].transpose(0, 2, 1)
            whole = np.degrees(Rotation.from_matrix(step).magnitude())
            assert (whole - swung).max() < 25, HUMANML3D.joint_names[joint]


class TestWhatShowsNoRotation:
    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_one_frame(self, kind: MotionKind) -> None:
        joints = random_body(kind, 1, 3)
        assert away(solve(joints, kind), joints).max() < 1e-6

    def test_a_foot_without_a_bone(self) -> None:
        joints = acted(0).copy()
        joints[:, 10:12] = joints[:, 7:9]
        animation = solve(joints, HUMANML3D)
        assert np.isfinite(animation.rotations).all()
        assert away(animation, joints).max() < 1e-5

    def test_a_bone_that_vanishes_for_some_frames_points_where_it_pointed(self) -> None:
        joints = acted(0).copy()
        joints[:] = joints[0]
        joints[:5, 10] = joints[:5, 7]
        joints[20:30, 10] = joints[20:30, 7]
        animation = solve(joints, HUMANML3D)
        np.testing.assert_allclose(
            animation.rotations, animation.rotations[:1].repeat(len(joints), 0), atol=1e-9
        )

    def test_a_body_that_is_a_point(self) -> None:
        animation = solve(np.zeros((3, 22, 3)), HUMANML3D)
        assert np.isfinite(animation.rotations).all()
        np.testing.assert_array_equal(animation.positions(), 0)

    def test_bones_that_hang_on_the_pelvis_in_a_line(self) -> None:
        joints = acted(0).copy()
        moved = joints[:, 3] - joints[:, 0]
        joints -= (
            moved[:, None] * np.isin(np.arange(22), [3, 6, 9, *range(12, 22)]).reshape(1, 22, 1) * [1, 1, 1]
        )
        moved = (joints[:, 1] + joints[:, 2]) / 2 - joints[:, 0]
        joints[:, [1, 2, 4, 5, 7, 8, 10, 11]] -= moved[:, None]
        animation = solve(joints, HUMANML3D)
        assert away(animation, joints).max() < 1e-5
        up = kinematics(animation)[1][:, 0, :, 1]
        assert (up[:, 1] > 0.9).all()


@pytest.mark.real
@pytest.mark.parametrize(
    ("corpus", "step", "mean", "usual", "turned"),
    [("humanml3d_samples", 1, 1e-5, 1e-5, 0.01), ("cmu_humanml3d", 9, 0.002, 0.03, 1.5), ("bandai", 60, 0.001, 0.02, 0.5)],
)  # fmt: skip
def test_people(shared_data: Path, corpus: str, step: int, mean: float, usual: float, turned: float) -> None:
    distances, angles = [], []
    for file in sorted((shared_data / corpus / "new_joints").glob("*.npy"))[::step]:
        joints = np.load(file).astype(np.float64)
        animation = solve(joints, HUMANML3D)
        distances.append(away(animation, joints).ravel())
        angles.append(apart(facing_angle(animation.positions()), facing_angle(joints)))
    found = np.concatenate(distances)
    assert found.mean() < mean
    assert np.quantile(found, 0.999) < usual
    assert max(angles) < turned
