"""Bodies begin at one place, facing one way, on the ground; what moves on it is seen to."""

from __future__ import annotations

import numpy as np
import pytest

from mate_hf.data.kinds import HUMANML3D, KIT
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import quality
from mate_hf.motion_files.reading import Motion
from mate_hf.plotting import scene
from mate_hf.plotting.scene import IN_AIR, PLANTED, SLIDING, scene_of
from tests.plotting.raising_body import motion, raising, turned


@pytest.mark.parametrize("angle", [0.0, 1.1, -2.7])
def test_wherever_a_body_was_it_begins_at_the_origin_and_faces_ahead(angle: float) -> None:
    body = raising()
    moved = turned(body, angle) + np.array([3.0, 0.0, -2.0])
    [shown] = scene_of([motion(moved)]).motions
    np.testing.assert_allclose(shown.joints, body, atol=1e-12)


def test_what_stands_on_its_own_ground_stays_and_what_does_not_is_put_there() -> None:
    sunk, elsewhere = raising() - np.array([0.0, 0.04, 0.0]), raising() - np.array([0.0, 0.93, 0.0])
    [one, other] = scene_of([motion(sunk), motion(elsewhere)]).motions
    assert one.joints[..., 1].min() == pytest.approx(-0.04)
    assert other.joints[..., 1].min() == pytest.approx(0.0)


def test_toes_stand_slide_and_leave_the_ground() -> None:
    body = raising(frames=30)
    left, right = HUMANML3D.joint("left_foot"), HUMANML3D.joint("right_foot")
    # 0.4 and 0.6 m/s at 20 frames a second; then the right one 6 cm up.
    body[:, left, 2] += 0.02 * np.arange(30)
    body[:10, right, 2] += 0.03 * np.arange(10)
    body[10:, right, 2] += 0.27
    body[20:, right, 1] += 0.06
    shown = scene_of([motion(body)])
    touch = shown.contacts(shown.motions[0])
    assert touch.shape == (30, 2)
    assert set(touch[:, 0]) == {PLANTED}
    assert touch[:, 1].tolist() == [SLIDING] * 10 + [PLANTED] * 10 + [IN_AIR] * 10
    [pose] = scene_of([motion(raising(frames=1))]).contacts(scene_of([motion(raising(frames=1))]).motions[0])
    assert pose.tolist() == [PLANTED, PLANTED]
    # One rule in pictures and in numbers.
    assert (scene.CONTACT_HEIGHT, scene.SKID) == (quality.CONTACT_HEIGHT, quality.SKID)


def test_who_goes_far_is_followed_and_who_stays_is_not() -> None:
    still, far = raising(frames=100), raising(frames=100)
    far[..., 2] += np.linspace(0, 6, 100)[:, None]
    stays, goes = scene_of([motion(still)]), scene_of([motion(still), motion(far)])
    assert not stays.follows
    assert goes.follows
    aims = goes.looked_at(goes.motions[1], True)
    assert np.abs(aims - goes.motions[1].joints[:, 0])[20:-20, [0, 2]].max() < 0.01
    assert np.ptp(goes.looked_at(goes.motions[1], False), axis=0) == pytest.approx(0.0)
    assert goes.reach_from(False) > 3 > goes.reach
    assert stays.height > stays.motions[0].joints[..., 1].max()


def test_what_cannot_be_shown_together_is_named() -> None:
    one = motion(raising())
    kit = Motion(np.random.default_rng(0).normal(size=(9, 21, 3)), KIT, 12.5)
    for arguments, said in (
        (([],), "0 motions; expected 1 to 4"),
        (([one] * 5,), "5 motions; expected 1 to 4"),
        (([one, kit],), "different skeletons \\(humanml3d and kit\\)"),
        (([one, motion(raising(), 30.0)],), "20 and 30 frames a second"),
        (([one], ["a", "b"]), "2 titles for 1 motions"),
    ):
        with pytest.raises(MateError, match=said):
            scene_of(*arguments)
