"""What is given stays, the body arrives where it is given again, and seams do not jump."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.data.kinds import HUMANML3D, KIT, MotionKind
from mate_hf.data.motion_features import recover
from mate_hf.errors import MateError
from mate_hf.generation.editing import Holder, Kept
from mate_hf.generation.seams import mean_jerk, report_edit

WIDTH = HUMANML3D.width


def smooth(frames: int, seed: int, count: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.normal(size=(count, frames, WIDTH)) / 30).astype(np.float32)


def holder(clip: np.ndarray, places: np.ndarray) -> Holder:
    return Holder(clip, places, HUMANML3D, torch.full((WIDTH,), 0.1), torch.full((WIDTH,), 0.5))


def raw(normalised: torch.Tensor) -> np.ndarray:
    return (normalised * 0.5 + 0.1).numpy()


@settings(max_examples=30, deadline=None)
@given(first=st.integers(1, 30), gap=st.integers(2, 40), last=st.integers(1, 30), seed=st.integers(0, 2**31))
def test_in_between_the_body_arrives_where_the_clip_goes_on(
    first: int, gap: int, last: int, seed: int
) -> None:
    frames = first + gap + last
    clip, made = smooth(frames, seed)[0], smooth(frames, seed + 1, 2)
    places = Kept(((0, first), (first + gap, frames))).places(HUMANML3D, frames)
    found = raw(holder(clip, places)((torch.from_numpy(made) - 0.1) / 0.5))
    np.testing.assert_allclose(found[:, places.all(1)], np.stack([clip[places.all(1)]] * 2), atol=1e-5)
    wanted = recover(clip, HUMANML3D)
    for motion in found:
        joints = recover(motion, HUMANML3D)
        np.testing.assert_allclose(joints[places.all(1)], wanted[places.all(1)], atol=1e-3)


@pytest.mark.parametrize("kind", [HUMANML3D, KIT])
def test_legs_path_and_upper_are_the_whole_body(kind: MotionKind) -> None:
    upper, legs = (Kept(joints=(name,)).channels(kind) for name in ("upper", "legs"))
    assert (upper | legs).all()
    assert not (upper & legs).any()
    body = kind.feature_slices["joint_positions"]
    held = upper[body].reshape(-1, 3).all(1)
    names = [name for name, stays in zip(kind.joint_names[1:], held, strict=True) if stays]
    assert {name for name in kind.joint_names if name.startswith("spine")} <= set(names)
    assert not [
        name for name in names if any(part in name for part in ("hip", "knee", "ankle", "foot", "heel"))
    ]


def test_kept_joints_stay_and_the_others_do_not() -> None:
    clip, made = smooth(30, 0)[0], smooth(30, 1)
    places = Kept(joints=("legs",)).places(HUMANML3D, 30)
    found = raw(holder(clip, places)((torch.from_numpy(made) - 0.1) / 0.5))[0]
    joints, wanted = recover(found, HUMANML3D), recover(clip, HUMANML3D)
    legs = [
        i
        for i, name in enumerate(HUMANML3D.joint_names)
        if any(p in name for p in ("hip", "knee", "ankle", "foot"))
    ]
    others = [i for i in range(1, 22) if i not in legs]
    np.testing.assert_allclose(joints[:, [0, *legs]], wanted[:, [0, *legs]], atol=1e-5)
    assert np.abs(joints[:, others] - wanted[:, others]).max() > 0.01
    report = report_edit(found, clip, places, HUMANML3D)
    assert report.kept_error < 1e-2
    assert report.seam_jerk is None


def test_a_seam_is_smoother_than_a_cut() -> None:
    time = np.linspace(0, 6, 60)[:, None]
    clip = (np.sin(time + np.arange(WIDTH)) / 10).astype(np.float32)
    made = (np.cos(time * 0.7 + np.arange(WIDTH)) / 10).astype(np.float32)
    places = Kept(((0, 30),)).places(HUMANML3D, 60)
    cut = np.where(places, clip, made)
    found = raw(holder(clip, places)((torch.from_numpy(made[None]) - 0.1) / 0.5))[0]
    jerks = [report_edit(motion, clip, places, HUMANML3D).seam_jerk for motion in (found, cut)]
    assert jerks[0] is not None
    assert jerks[1] is not None
    assert jerks[0] < jerks[1] / 2


def test_the_report_sees_what_was_not_kept() -> None:
    clip = smooth(40, 0)[0]
    places = Kept(((10, 20),)).places(HUMANML3D, 40)
    spoilt = clip.copy()
    height = HUMANML3D.feature_slices["root_height"].start
    spoilt[15, height] += 0.05
    assert abs(report_edit(spoilt, clip, places, HUMANML3D).kept_error - 5) < 0.01
    # Elsewhere it may be what it likes, and the path before the frames does not count.
    spoilt = clip.copy()
    spoilt[:10] = 0.3
    assert report_edit(spoilt, clip, places, HUMANML3D).kept_error < 1e-3


def test_jerk_is_the_third_derivative() -> None:
    time = np.arange(20) / 20
    joints = np.zeros((20, 22, 3))
    joints[:, 3, 1] = 2 * time**3
    np.testing.assert_allclose(mean_jerk(joints, HUMANML3D.fps), np.full(17, 12 / 22), rtol=1e-6)


@pytest.mark.parametrize(
    ("frames", "joints", "spans"),
    [
        ("0:40", None, ((0, 40),)),
        ("0:20, 100:", None, ((0, 20), (100, -1))),
        (None, "legs,head", ()),
        (":5", "", ((0, 5),)),
    ],
)
def test_what_to_keep_is_read_from_text(frames: str, joints: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert Kept.of(frames, joints).frames == spans


@pytest.mark.parametrize("text", ["40", "a:b", "1-3", "-4:2", "0:4;5:6", "0:" + "9" * 5000])
def test_spans_that_are_none_are_named(text: str) -> None:
    with pytest.raises(MateError, match="expected spans of whole numbers, such as") as refused:
        Kept.of(text)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("0:99", "0:99 is not in the clip"),
        ("40:50", "40:50 is not in the clip"),
        ("40:", "40: is not in the clip"),
        ("30:", "30: is empty"),
        ("5:5", "5:5 is empty"),
        ("9:3", "9:3 ends before it begins"),
        ("0:4,99:3", "99:3 is not in the clip"),
    ],
)
def test_spans_that_are_not_in_the_clip_are_named_as_they_were_said(span: str, said: str) -> None:
    with pytest.raises(MateError, match=rf"{said}\. The clip has 30 frames .*expected a span within 0:30"):
        Kept.of(span).places(HUMANML3D, 30)


@pytest.mark.parametrize(
    ("span", "said"), [((-5, 10), "-5:10 is not in the clip"), ((4, -2), "4:-2 ends before it begins")]
)
def test_numbers_below_0_are_named(span: tuple[int, int], said: str) -> None:
    with pytest.raises(MateError, match=f"{said}. The clip has 30 frames"):
        Kept((span,)).places(HUMANML3D, 30)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (Kept(frames="0:5"), r"frames to keep: '0:5'; expected a list, or text by Kept.of"),  # type: ignore[arg-type]
        (Kept(frames=(0, 5)), r"frames to keep: 0; expected spans of two whole numbers"),  # type: ignore[arg-type]
        (Kept(frames=[(0, 1.5)]), "spans of two whole numbers"),  # type: ignore[list-item]
        (Kept(joints="legs"), r"joints to keep: 'legs'; expected a list, or text"),
        (Kept(joints=[3]), "joints to keep: 3; expected names"),  # type: ignore[list-item]
    ],
)
def test_what_to_keep_that_is_no_list_of_spans_or_names_is_named(kept: Kept, said: str) -> None:
    with pytest.raises(MateError, match=said):
        kept.places(HUMANML3D, 30)


def test_spans_may_be_an_array() -> None:
    given = Kept(frames=np.array([[0, 5], [9, -1]])).places(HUMANML3D, 12)  # type: ignore[arg-type]
    assert np.flatnonzero(given.all(1)).tolist() == [0, 1, 2, 3, 4, 9, 10, 11]
    assert (given.any(1) == given.all(1)).all()


def test_joints_are_found_in_both_skeletons_and_others_are_named() -> None:
    for kind in (HUMANML3D, KIT):
        for part in ("legs", "arms", "left arm", "right leg", "upper", "head", "path"):
            chosen = Kept(joints=(part,)).channels(kind)
            assert 0 < chosen.sum() < kind.width
    left, right = (Kept(joints=(f"{side} arm",)).channels(HUMANML3D) for side in ("left", "right"))
    assert left.sum() == right.sum()
    assert not (left & right).any()
    with pytest.raises(MateError, match="'tail'; expected of legs"):
        Kept(joints=("tail",)).channels(HUMANML3D)
