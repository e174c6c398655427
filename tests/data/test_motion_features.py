"""Features against numbers recorded from the code that made HumanML3D, and against their own inverse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.data.kinds import HUMANML3D, KINDS, KIT, MotionKind
from mate_hf.data.motion_features import canonicalise, joints_to_features, recover
from mate_hf.errors import MateError
from tests.data.made_up_motion import made_up_motion

# Recorded from EricGuo5513/HumanML3D (motion_representation.ipynb, bone lengths left as they are) on
# `made_up_motion`, in the order of the feature groups: the middle column of each group in frames 0, 40 and
# 88, and the sum of absolute values of the group.
UNIT = {"humanml3d": 1.0, "kit": 10.0}
RECORDED_FRAMES = {
    "humanml3d": {
        0: [-0.275501, 0.046039, 0.059991, 0.879992, -0.494328, 0.016138, 1.0],
        40: [-0.03181, -0.003408, 0.025626, 0.914618, 0.790518, -0.032798, 1.0],
        88: [-0.012887, -0.027746, 0.039463, 0.900267, -0.223814, 0.012964, 1.0],
    },
    "kit": {
        0: [-0.463021, -0.429792, 0.599908, -2.009518, -0.204205, -0.056853, 0.0],
        40: [-0.031194, 0.038007, 0.256258, -4.257865, -0.546507, -0.01039, 0.0],
        88: [-0.01164, 0.314065, 0.394631, -2.037309, -0.413273, -5.3e-05, 1.0],
    },
}
RECORDED_SUMS = {
    "humanml3d": [2.48619, 3.0373, 2.54706, 2782.35, 5675.01, 80.8503, 302.0],
    "kit": [2.67255, 30.6002, 25.4706, 25932.9, 5358.15, 768.17, 122.0],
}
RECORDED_FLIP = {"humanml3d": (51, 0.03104), "kit": (44, 0.03133)}

both_kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def flips(features: np.ndarray, legacy: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.abs(features - legacy).max(axis=-1) > 1e-6)


@both_kinds
def test_features_are_those_of_the_code_that_made_humanml3d(kind: MotionKind) -> None:
    features = joints_to_features(made_up_motion(kind, UNIT[kind.name]), kind)
    places = kind.feature_slices.values()
    for frame, recorded in RECORDED_FRAMES[kind.name].items():
        middle = [features[frame, place.start + (place.stop - place.start) // 2] for place in places]
        np.testing.assert_allclose(middle, recorded, atol=3e-5)
    sums = [np.abs(features[:, place]).sum() for place in places]
    np.testing.assert_allclose(sums, RECORDED_SUMS[kind.name], rtol=1e-5)


@both_kinds
def test_legacy_sign_flips_one_rotation_as_the_published_files_do_and_nothing_else(kind: MotionKind) -> None:
    joints = made_up_motion(kind, UNIT[kind.name])
    features, legacy = (joints_to_features(joints, kind, legacy_sign=sign) for sign in (False, True))
    frame, value = RECORDED_FLIP[kind.name]
    assert flips(features, legacy).tolist() == [frame]
    assert legacy[frame, 0] == pytest.approx(value, abs=3e-5)
    assert features[frame, 0] == -legacy[frame, 0]


@pytest.mark.real
def test_genuine_humanml3d_clips_get_their_published_features(shared_data: Path) -> None:
    samples = shared_data / "humanml3d_samples"
    for file in sorted((samples / "new_joints").iterdir()):
        joints, published = np.load(file), np.load(samples / "new_joint_vecs" / file.name)
        features = joints_to_features(joints, HUMANML3D, legacy_sign=True)
        deviation = np.abs(features - published[:-1])
        # new_joints lacks the last frame that the published heading was smoothed with: the end may differ.
        assert deviation.max() < 0.04, file.name
        assert np.median(deviation) < 1e-6, file.name
        np.testing.assert_array_equal(features[:, -4:], published[:-1, -4:])
        np.testing.assert_allclose(recover(published, HUMANML3D), joints, atol=1e-6)


@pytest.mark.real
def test_every_mocap_clip_comes_back_from_its_features(shared_data: Path) -> None:
    for file in sorted((shared_data / "cmu_humanml3d" / "new_joints").iterdir()):
        joints = np.load(file)
        back = recover(joints_to_features(joints, HUMANML3D), HUMANML3D)
        np.testing.assert_allclose(back, canonicalise(joints, HUMANML3D)[:-1], atol=1e-4, err_msg=file.name)


@settings(deadline=None, max_examples=60)
@given(kind=st.sampled_from([HUMANML3D, KIT]), frames=st.integers(2, 130), seed=st.integers(0, 2**32 - 1))
def test_any_motion_comes_back_from_its_features(kind: MotionKind, frames: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    start, steps = rng.normal(size=(1, kind.joints, 3)), 0.05 * rng.normal(size=(frames - 1, kind.joints, 3))
    joints = np.concatenate((start, steps)).cumsum(axis=0).astype(np.float32)
    features = joints_to_features(joints, kind)
    assert features.shape == (frames - 1, kind.width)
    np.testing.assert_allclose(recover(features, kind), canonicalise(joints, kind)[:-1], atol=1e-4)


@both_kinds
def test_where_a_clip_was_recorded_and_which_way_it_faced_does_not_matter(kind: MotionKind) -> None:
    joints = made_up_motion(kind)
    cos, sin = np.cos(2.5), np.sin(2.5)
    turned = joints @ np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]]) + [3.0, -0.7, 5.0]
    np.testing.assert_allclose(joints_to_features(turned, kind), joints_to_features(joints, kind), atol=1e-9)
    np.testing.assert_allclose(canonicalise(turned, kind), canonicalise(joints, kind), atol=1e-9)


@both_kinds
def test_a_canonical_clip_stands_on_the_floor_at_the_origin_facing_forward(kind: MotionKind) -> None:
    joints = canonicalise(made_up_motion(kind), kind)
    right_hip, left_hip, right_shoulder, left_shoulder = joints[0, list(kind.face_joints)]
    across = right_hip - left_hip + right_shoulder - left_shoulder
    assert joints[..., 1].min() == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(joints[0, 0, [0, 2]], 0, atol=1e-12)
    assert across[2] == pytest.approx(0, abs=1e-12)
    assert across[0] < 0
    np.testing.assert_allclose(canonicalise(joints, kind), joints, atol=1e-12)
    np.testing.assert_allclose(
        joints_to_features(joints, kind, canonical=True), joints_to_features(joints, kind), atol=1e-9
    )


def test_a_batch_of_tensors_gives_what_each_array_gives() -> None:
    joints = np.stack([made_up_motion(HUMANML3D, unit) for unit in (1.0, 0.5)]).astype(np.float32)
    alone = np.stack([joints_to_features(clip, HUMANML3D) for clip in joints])
    batch = joints_to_features(torch.from_numpy(joints)[None], HUMANML3D)
    assert isinstance(batch, torch.Tensor)
    assert batch.dtype == torch.float32
    assert batch.shape == (1, 2, 89, 263)
    np.testing.assert_allclose(batch[0], alone, atol=1e-6)
    np.testing.assert_allclose(recover(batch, HUMANML3D)[0, 1], recover(alone[1], HUMANML3D), atol=1e-6)
    assert alone.dtype == np.float32


def test_joints_in_whole_millimetres_do_not_give_whole_number_features() -> None:
    joints = (1000 * made_up_motion(KIT)).astype(np.int64)
    expected = joints_to_features(joints.astype(np.float32), KIT)
    np.testing.assert_array_equal(joints_to_features(joints, KIT), expected, strict=True)
    tensor = joints_to_features(torch.from_numpy(joints), KIT)
    np.testing.assert_array_equal(tensor.numpy(), expected, strict=True)


def test_recovered_joints_carry_a_gradient_to_the_features() -> None:
    features = torch.from_numpy(joints_to_features(made_up_motion(HUMANML3D), HUMANML3D)).requires_grad_()
    recover(features, HUMANML3D)[-1].sum().backward()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()
    assert features.grad[0, 0] != 0


def test_a_body_without_extent_has_finite_features() -> None:
    assert np.isfinite(joints_to_features(np.zeros((5, 22, 3), np.float32), HUMANML3D)).all()


@pytest.mark.parametrize(
    ("joints", "reason"),
    [
        (np.zeros((4, 21, 3)), r"kind humanml3d.*\(4, 21, 3\).*frames, 22, 3"),
        (np.zeros((22, 3)), r"\(22, 3\)"),
        (np.zeros((0, 22, 3)), "no frames"),
        (np.zeros((1, 22, 3)), "at least 2"),
        (np.pad(np.ones((4, 22, 3)), ((0, 1), (0, 0), (0, 0)), constant_values=np.nan), "NaN or infinite"),
        (np.pad(np.ones((4, 22, 3)), ((0, 1), (0, 0), (0, 0)), constant_values=np.inf), "NaN or infinite"),
    ],
)
def test_joints_that_cannot_be_used_are_refused_with_the_reason(joints: np.ndarray, reason: str) -> None:
    with pytest.raises(MateError, match=reason):
        joints_to_features(joints, HUMANML3D)


def test_features_of_another_kind_are_refused() -> None:
    with pytest.raises(MateError, match=r"kind kit.*263.*frames, 251"):
        recover(np.zeros((4, 263)), KIT)
