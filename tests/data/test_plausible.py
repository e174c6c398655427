"""What no human can have moved like is refused with the way out, or told; what a human did is left in peace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.kinds import HUMANML3D, KIT
from mate_hf.data.motion_features import joints_to_features
from mate_hf.data.plausibility import (
    FLOATING,
    FROZEN,
    JUMPS,
    LYING,
    NOT_HUMAN,
    OVER,
    SIZE,
    Oddities,
    Verdict,
    judged,
)
from mate_hf.data.plausible_body import bodies
from mate_hf.data.plausible_folder import require_plausible
from mate_hf.errors import MateError
from tests.data.folders import some_motion
from tests.data.made_up_motion import made_up_motion
from tests.data.walking_body import walking

Change = Callable[[np.ndarray], np.ndarray]

LIES: Change = lambda joints: joints[..., [0, 2, 1]] * np.float32([1, -1, 1])  # noqa: E731
"""z points up."""
LIES_ON_X: Change = lambda joints: joints[..., [1, 0, 2]] * np.float32([-1, 1, 1])  # noqa: E731
MIRRORS: Change = lambda joints: joints * np.float32([-1, 1, 1])  # noqa: E731
TURNS_OVER: Change = lambda joints: joints * np.float32([1, -1, -1])  # noqa: E731


def scales(factor: float) -> Change:
    return lambda joints: joints * np.float32(factor)


def features(joints: np.ndarray) -> np.ndarray:
    return joints_to_features(joints, HUMANML3D)


def corpus(change: Change = lambda joints: joints, count: int = 8) -> list[np.ndarray]:
    return [change(walking(60 + seed, seed)) for seed in range(count)]


def verdict(joints: np.ndarray, said: Coordinates | None = None) -> Verdict:
    [found] = judged([features(joints)], HUMANML3D, said)
    return found


def with_long_arm() -> np.ndarray:
    joints = walking()
    joints[:, 20] += joints[:, 20] - joints[:, 18]
    return joints


def with_rubber_legs() -> np.ndarray:
    joints = walking()
    joints[:, [4, 5, 7, 8, 10, 11], 1] -= (0.3 * np.sin(np.arange(80) / 5))[:, None].astype(np.float32)
    return joints


class TestAMotion:
    def test_of_a_human_is_neither_refused_nor_odd(self) -> None:
        assert judged([features(joints) for joints in corpus()], HUMANML3D) == [Verdict()] * 8

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (
                scales(1000),
                "a leg and the trunk of 1454 m, a human's are 0.4 to 2.6 m: multiply its lengths by 0.001",
            ),
            (scales(100), "--scale 0.01 where all are so"),
            (scales(1 / 0.0254), "--scale 0.0254 where all are so"),
            (scales(0.01), "--scale 100 where all are so"),
            (MIRRORS, "left and right are exchanged"),
            (TURNS_OVER, "hangs upside down throughout: turn it over"),
            (LIES, "its root rises and falls by 3.5 m, so another axis points up"),
            (
                lambda joints: MIRRORS(joints) * 100,
                "by 0.01 (--scale 0.01 where all are so); feet and face look backward",
            ),
        ],
    )
    def test_that_a_change_makes_plausible_is_refused_with_it(self, change: Change, reason: str) -> None:
        assert reason in verdict(change(walking())).refusal

    @pytest.mark.parametrize(
        ("joints", "odd"),
        [
            (made_up_motion(HUMANML3D), (NOT_HUMAN,)),
            (walking()[:1].repeat(50, 0), (FROZEN,)),
            (with_long_arm(), (NOT_HUMAN,)),
            (with_rubber_legs(), (NOT_HUMAN,)),
            (walking() * np.float32(2.2), (SIZE,)),
        ],
    )
    def test_that_is_merely_odd_is_told(self, joints: np.ndarray, odd: tuple[str, ...]) -> None:
        assert verdict(joints) == Verdict(odd=odd)

    def test_of_one_who_lies_stands_on_the_hands_or_jumps_is_odd_and_no_more(self) -> None:
        lying = LIES(walking(turn=0.0))
        lying[..., 1] -= lying[:, :1, 1]  # does not travel
        assert verdict(lying).odd == (LYING,)
        handstand = walking()
        handstand[:, 18:] = handstand[:, [16, 17, 16, 17]] + [
            [0, 0.26, 0],
            [0, 0.26, 0],
            [0, 0.51, 0],
            [0, 0.51, 0],
        ]
        assert verdict(TURNS_OVER(handstand)).odd == (OVER,)
        jumping = walking()
        jumping[40:, :, 2] += 2
        assert verdict(jumping).odd == (JUMPS,)
        flying = features(walking())
        flying[:, 3] += 3
        flying[:, 5:67:3] += 3
        assert judged([flying], HUMANML3D) == [Verdict(odd=(FLOATING,))]

    def test_of_normalised_features_is_refused_and_random_numbers_are_not(self) -> None:
        normal = (features(walking()) - np.float32(0.3)) / np.float32(0.4)
        [found] = judged([normal], HUMANML3D)
        assert "contacts take -0.75 and 1.75 where 0 and 1 are expected" in found.refusal
        assert judged([some_motion(0), some_motion(0, kind=KIT)[:, :251]][:1], HUMANML3D) == [
            Verdict(odd=(NOT_HUMAN,))
        ]
        network = features(walking())
        network[:, -4:] += np.random.default_rng(0).normal(0, 0.05, network[:, -4:].shape)
        assert judged([network], HUMANML3D) == [Verdict()]

    def test_said_to_be_right_as_it_is_is_believed(self) -> None:
        assert verdict(scales(100)(walking()), Coordinates(scale=1)).odd[0] == SIZE
        assert verdict(TURNS_OVER(walking()), Coordinates(up="y")).odd == (OVER,)
        assert "--scale 0.001" in verdict(scales(100)(walking()), Coordinates(scale=0.1)).refusal

    def test_of_kit_has_no_sides_and_is_in_millimetres(self) -> None:
        names = {name: number for number, name in enumerate(HUMANML3D.joint_names)}
        # KIT-ML's heel has no counterpart; the ankle stands for it.
        taken = [names[name.replace("heel", "ankle")] for name in KIT.joint_names]
        body = walking()[:, taken] * np.float32(1000)
        [as_it_is, mirrored, metres] = bodies([body, MIRRORS(body), body / 1000], KIT)
        assert as_it_is.human
        assert not mirrored.exchanged
        assert as_it_is.stature == pytest.approx(1.454, abs=0.001)
        assert (as_it_is.scale, metres.scale) == (1.0, 1000.0)

    def test_empty_ones_have_no_verdict_and_do_not_shift_others(self) -> None:
        empty = np.empty((0, 263), np.float32)
        found = judged([empty, features(walking() * np.float32(100)), empty], HUMANML3D)
        assert [bool(one.refusal) for one in found] == [False, True, False]

    @settings(deadline=None, max_examples=25)
    @given(
        st.integers(0, 99), st.floats(0.5, 1.6), st.floats(-3, 3), st.floats(-50, 50), st.integers(41, 300)
    )
    def test_of_any_height_heading_and_place_is_left_in_peace(
        self, seed: int, size: float, yaw: float, away: float, frames: int
    ) -> None:
        joints = walking(frames, seed) * np.float32(size)
        x, z = joints[..., 0].copy(), joints[..., 2].copy()
        joints[..., 0] = x * np.cos(yaw) + z * np.sin(yaw) + away
        joints[..., 2] = z * np.cos(yaw) - x * np.sin(yaw) - away
        assert verdict(joints) == Verdict()
        assert not require_plausible([joints] * 5, HUMANML3D, "here")


class TestAFolder:
    @pytest.mark.parametrize(
        ("change", "said", "asked"),
        [
            (
                scales(1000),
                "8 have a leg and trunk of 1454 m (human: 0.4 to 2.6 m). Give --scale 0.001.",
                Coordinates(0.001),
            ),
            (scales(100), "Give --scale 0.01.", Coordinates(0.01)),
            (LIES, "8 stand along z instead of y. Give --up=z.", Coordinates(up="z")),
            (LIES_ON_X, "8 stand along -x instead of y. Give --up=-x.", Coordinates(up="-x")),
            (TURNS_OVER, "8 stand along -y instead of y. Give --up=-y.", Coordinates(up="-y")),
            (MIRRORS, "left and right are exchanged. Give --left-handed.", Coordinates(left_handed=True)),
            (
                lambda joints: MIRRORS(LIES(joints)) * 100,
                "Give --scale 0.01 --up=z --left-handed.",
                Coordinates(0.01, "z", left_handed=True),
            ),
        ],
    )
    def test_of_no_human_bodies_is_refused_with_the_options_that_mend_it(
        self, change: Change, said: str, asked: Coordinates
    ) -> None:
        with pytest.raises(MateError) as raised:
            require_plausible(corpus(change), HUMANML3D, "here")
        assert said in str(raised.value)
        mended = [asked.joints(joints, HUMANML3D) for joints in corpus(change)]
        assert not require_plausible(mended, HUMANML3D, "here", asked)
        assert not any(verdict(joints, asked).refusal for joints in mended)

    def test_that_options_have_made_worse_is_refused_with_what_was_given(self) -> None:
        worse = Coordinates(scale=0.1, left_handed=True)
        with pytest.raises(MateError) as raised:
            require_plausible(
                [worse.joints(joints, HUMANML3D) for joints in corpus(scales(100))], HUMANML3D, "here", worse
            )
        assert "after --scale=0.1 --left-handed" in str(raised.value)
        assert "Give --scale 0.01." in str(raised.value)

    def test_of_humans_or_of_no_bodies_at_all_is_not(self) -> None:
        assert require_plausible(corpus(), HUMANML3D, "here") == []
        assert require_plausible([some_motion(seed) for seed in range(9)], HUMANML3D, "here") == []
        assert require_plausible([], HUMANML3D, "here") == []

    def test_in_which_some_lie_or_are_in_another_unit_is_left_to_each_motion(self) -> None:
        mixed = [*corpus(count=5), *corpus(LIES, 2), *corpus(scales(100), 2)]
        assert require_plausible(mixed, HUMANML3D, "here") == []

    def test_of_which_few_are_bodies_is_left_to_each_motion(self) -> None:
        some = [*corpus(scales(100), 6), *(made_up_motion(HUMANML3D) for _ in range(7))]
        assert require_plausible(some, HUMANML3D, "here") == []

    def test_of_a_motion_or_two_may_lie(self) -> None:
        assert require_plausible(corpus(LIES, 4), HUMANML3D, "here") == []

    def test_said_to_be_right_as_it_is_is_believed(self) -> None:
        assert require_plausible(corpus(scales(100)), HUMANML3D, "here", Coordinates(scale=1)) == []
        assert require_plausible(corpus(LIES), HUMANML3D, "here", Coordinates(up="y")) == []

    def test_of_features_has_lost_its_axis(self) -> None:
        with pytest.raises(
            MateError, match=r"stand along another axis instead of y\. Their features are to be computed anew"
        ):
            require_plausible([features(joints) for joints in corpus(LIES)], HUMANML3D, "here")

    def test_written_at_120_frames_a_second_is_refused_and_resampled_is_not(self) -> None:
        fast = [walking(720, seed, fps=120) for seed in range(8)]
        with pytest.raises(MateError, match=r"look written at about 120 fps, not 20\. Give --fps 120"):
            require_plausible(fast, HUMANML3D, "here")
        told = Coordinates(fps=120)
        assert (
            require_plausible([told.joints(joints, HUMANML3D) for joints in fast], HUMANML3D, "here", told)
            == []
        )
        assert require_plausible(fast, HUMANML3D, "here", Coordinates(fps=20)) == []

    def test_of_short_slow_motions_is_odd(self) -> None:
        [told] = require_plausible([walking(90, seed, fps=120) for seed in range(8)], HUMANML3D, "here")
        assert "look written at about 120 fps" in told


def test_oddities_are_counted_and_the_first_named() -> None:
    oddities = Oddities()
    for name in ["a", "b", "b", "c", "d"]:
        oddities.note(name, [JUMPS])
    oddities.note("e", [FROZEN])
    assert oddities.sentences() == [f"4 motions {JUMPS} (a, b, c, ...).", f"1 motions {FROZEN} (e)."]


@pytest.mark.real
@pytest.mark.parametrize("name", ["bandai", "cmu_humanml3d", "humanml3d_samples"])
def test_no_real_motion_is_refused_or_odd(shared_data: Path, name: str) -> None:
    files = sorted((shared_data / name / "new_joints").glob("*.npy"))
    joints = [np.load(file) for file in files]
    assert require_plausible(joints, HUMANML3D, name) == []
    assert judged([features(motion) for motion in joints[::5]], HUMANML3D) == [Verdict()] * len(joints[::5])
    published = sorted((shared_data / name / "new_joint_vecs").glob("*.npy"))
    assert judged([np.load(file) for file in published], HUMANML3D) == [Verdict()] * len(published)
