"""Do the bodies do what the actions say? Measured from joints alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.synthetic import Action, Segment, draw_timeline, perform
from mate_hf.data.synthetic.casting import draw_pair
from tests.data.synthetic.acting import JOINT, acted, heading, peaks

FORWARD = Action("walk", direction="forward")


def random_motion(seed: int) -> tuple[np.ndarray, list[Action]]:
    rng = np.random.default_rng(seed)
    scenario, _ = draw_pair(rng)
    timeline = draw_timeline(scenario, rng)
    return perform(timeline, rng).astype(np.float64), list(scenario.actions)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_motion_is_a_humanml3d_clip_with_rigid_bones(seed: int) -> None:
    joints, _ = random_motion(seed)
    assert joints.shape[1:] == (22, 3)
    assert 41 <= len(joints) <= 197
    assert np.isfinite(joints).all()
    for chain in HUMANML3D.chains:
        for parent, child in pairwise(chain):
            bone = np.linalg.norm(joints[:, child] - joints[:, parent], axis=-1)
            assert np.ptp(bone) < 1e-5
    assert np.allclose(joints[0, 0, [0, 2]], 0, atol=1e-6)
    assert abs(joints[..., 1].min()) < 1e-6
    right_hip, left_hip, right_shoulder, left_shoulder = (joints[0, j] for j in HUMANML3D.face_joints)
    across = left_hip - right_hip + left_shoulder - right_shoulder
    assert across[0] > 0.2
    assert abs(across[2]) < 1e-5


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_feet_on_the_floor_do_not_slide_and_knees_bend_forward(seed: int) -> None:
    joints, actions = random_motion(seed)
    if not any(action.kind == "climb" for action in actions):
        for name in ("left_foot", "right_foot"):
            toe = joints[:, JOINT[name]]
            slip = np.linalg.norm(np.diff(toe[:, [0, 2]], axis=0), axis=-1)
            for height, bound in ((2e-4, 0.001), (2e-3, 0.02)):
                low = toe[:, 1] < height
                assert slip[low[1:] & low[:-1]].max(initial=0) < bound
    for side in ("left", "right"):
        hip, knee, ankle = (joints[:, JOINT[f"{side}_{name}"]] for name in ("hip", "knee", "ankle"))
        lateral = joints[:, JOINT["left_hip"]] - joints[:, JOINT["right_hip"]]
        front = np.cross(ankle - hip, lateral)
        assert (np.einsum("tc,tc->t", knee - (hip + ankle) / 2, front) > -1e-3).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_joint_jumps_from_frame_to_frame(seed: int) -> None:
    joints, _ = random_motion(seed)
    acceleration = np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1) * HUMANML3D.fps**2
    assert acceleration.max() < 260


@pytest.mark.parametrize("kind", ["walk", "jog", "run"])
@pytest.mark.parametrize(
    ("direction", "axis", "sign"),
    [("forward", 2, 1), ("backward", 2, -1), ("left", 0, 1), ("right", 0, -1)],
)
def test_gaits_go_where_their_direction_says(kind: str, direction: str, axis: int, sign: int) -> None:
    joints, _ = acted(Action(kind, direction=direction))
    way = joints[-1, 0] - joints[0, 0]
    assert sign * way[axis] > 0.5
    assert abs(way[2 - axis]) < 0.2 * abs(way[axis])
    assert np.ptp(heading(joints)) < 0.5


@pytest.mark.parametrize("kind", ["walk", "jog", "run"])
@pytest.mark.parametrize(("direction", "sign"), [("clockwise", -1), ("counterclockwise", 1)])
def test_a_clockwise_circle_bends_to_the_right_and_nearly_closes(
    kind: str, direction: str, sign: int
) -> None:
    joints, _ = acted(Action(kind, direction=direction))
    turned = heading(joints)[-1] - heading(joints)[0]
    assert 4.0 < sign * turned < 8.0
    side = joints[:, 0, 0] * sign
    assert side.max() > 3 * max(-side.min(), 0.01)
    length = np.linalg.norm(np.diff(joints[:, 0, [0, 2]], axis=0), axis=-1).sum()
    assert np.linalg.norm(joints[-1, 0] - joints[0, 0]) < 0.5 * length


@pytest.mark.parametrize(
    ("action", "degrees"),
    [
        (Action("turn", direction="left", degrees=90), 90),
        (Action("turn", direction="right", degrees=180), -180),
        (Action("spin", direction="clockwise", degrees=360), -360),
        (Action("spin", direction="counterclockwise", degrees=360), 360),
    ],
)
def test_turns_and_spins_have_their_sense_and_angle_on_the_spot(action: Action, degrees: int) -> None:
    joints, _ = acted(action)
    turned = np.degrees(heading(joints)[-1] - heading(joints)[0])
    assert turned == pytest.approx(degrees, rel=0.1, abs=6)
    assert np.linalg.norm(joints[:, 0, [0, 2]], axis=-1).max() < 0.15


@pytest.mark.parametrize("speed", ["slowly", "normally", "quickly"])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("side", ["left", "right"])
def test_kicks_and_punches_are_as_many_as_counted_and_of_that_limb(side: str, count: int, speed: str) -> None:
    opposite = "right" if side == "left" else "left"
    joints, _ = acted(Action("kick", side=side, count=count, speed=speed), seed=count)
    feet = {s: joints[:, JOINT[f"{s}_foot"], 2] for s in (side, opposite)}
    assert peaks(feet[side] - feet[opposite], over=0.5, under=0.25) == count
    joints, _ = acted(Action("punch", side=side, count=count, speed=speed), seed=count)
    reach = {s: joints[:, JOINT[f"{s}_wrist"], 2] - joints[:, JOINT["spine3"], 2] for s in (side, opposite)}
    assert peaks(reach[side], over=0.45, under=0.38) == count
    assert peaks(reach[opposite], over=0.45, under=0.38) == 0


@pytest.mark.parametrize(("kind", "side"), [("jump", ""), ("hop", "left"), ("hop", "right"), ("hop", "both")])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_jumps_and_hops_leave_the_floor_as_often_as_counted(kind: str, side: str, count: int) -> None:
    joints, _ = acted(Action(kind, side=side, count=count))
    feet = {s: joints[:, JOINT[f"{s}_foot"], 1] for s in ("left", "right")}
    lowest = np.minimum(feet["left"], feet["right"])
    assert peaks(lowest, over=0.025, under=0.01) == count
    if side in feet:
        raised = feet["right" if side == "left" else "left"]
        assert np.median(raised[10:-10]) > np.median(feet[side][10:-10]) + 0.05


@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_arms_rise_fall_and_wave_on_the_named_side_only(side: str) -> None:
    named = ("left", "right") if side == "both" else (side,)

    def over_head(joints: np.ndarray, of: str) -> np.ndarray:
        return joints[:, JOINT[f"{of}_wrist"], 1] - joints[:, JOINT["head"], 1]

    raised, lowered, waved = (acted(Action(kind, side=side))[0] for kind in ("raise", "lower", "wave"))
    for of in ("left", "right"):
        if of not in named:
            assert max(over_head(each, of).max() for each in (raised, lowered, waved)) < -0.3
            continue
        assert over_head(raised, of)[0] < -0.5 < 0 < over_head(raised, of)[-1]
        assert over_head(lowered, of)[0] > 0 > -0.5 > over_head(lowered, of)[-1]
        across = waved[:, JOINT[f"{of}_wrist"], 0][12:-12]
        swings = np.diff(np.sign(np.diff(across)))
        assert np.count_nonzero(swings) >= 3


def test_seats_squats_bows_and_stairs_change_the_height_they_should() -> None:
    def pelvis(joints: np.ndarray) -> np.ndarray:
        return joints[:, 0, 1]

    sat, stood = (pelvis(acted(action)[0]) for action in (Action("sit"), Action("stand", posture="seated")))
    assert sat[0] > 0.85 > 0.65 > sat[-1]
    assert stood[0] < 0.65 < 0.85 < stood[-1]
    squat, crouch = pelvis(acted(Action("squat"))[0]), pelvis(acted(Action("crouch"))[0])
    assert min(squat[0], squat[-1]) > 0.85 > 0.7 > squat.min()
    assert crouch[0] > 0.85 > 0.7 > crouch[-1]
    bow, _ = acted(Action("bow"))
    head = bow[:, JOINT["head"], 1]
    assert head.min() < head[0] - 0.3
    assert np.ptp(pelvis(bow)) < 0.1
    for direction, sign in (("up", 1), ("down", -1)):
        stairs, _ = acted(Action("climb", direction=direction))
        rise = stairs[-1, :, 1] - stairs[0, :, 1]
        assert sign * rise[0] > 0.4
        assert rise[JOINT["left_foot"]] == pytest.approx(rise[JOINT["right_foot"]], abs=1e-3)
        assert rise[0] == pytest.approx(rise[JOINT["left_foot"]], abs=0.03)


@pytest.mark.parametrize("direction", ["forward", "backward", "left", "clockwise"])
@pytest.mark.parametrize("kind", ["walk", "jog", "run"])
def test_quick_gaits_cover_more_ground_a_second_than_slow_ones(kind: str, direction: str) -> None:
    speeds = []
    for speed in ("slowly", "normally", "quickly"):
        runs = [acted(Action(kind, direction=direction, speed=speed), seed=seed)[0] for seed in range(3)]
        steps = [np.linalg.norm(np.diff(joints[:, 0, [0, 2]], axis=0), axis=-1) for joints in runs]
        speeds.append(np.array([np.percentile(step, 80) for step in steps]))
    assert speeds[0].max() < speeds[1].min()
    assert speeds[1].max() < speeds[2].min()


@pytest.mark.parametrize("action", [
    Action("kick", side="left"), Action("punch", side="right"), 
    Action("raise", side="right"), Action("bow"), Action("squat"), Action("sit"),
    Action("spin", "clockwise", degrees=360),
], ids=lambda action: action.kind)  # fmt: skip
def test_quick_actions_move_faster_than_slow_ones(action: Action) -> None:
    def fastest(speed: str) -> float:
        quick = Action(action.kind, action.direction, action.side, speed=speed, degrees=action.degrees)
        joints, _ = acted(quick, seed=1)
        return float(np.linalg.norm(np.diff(joints, axis=0), axis=-1).max())

    assert fastest("slowly") < fastest("normally") < fastest("quickly")


def test_quick_waves_swing_more_often_a_second_than_slow_ones() -> None:
    rates = []
    for speed in ("slowly", "normally", "quickly"):
        joints, _ = acted(Action("wave", side="left", speed=speed), seed=1)
        wrist = np.diff(joints[:, JOINT["left_wrist"], 0][12:-12])
        rates.append(np.count_nonzero(np.diff(np.sign(wrist))) / len(wrist))
    assert rates[0] < rates[1] < rates[2]


def test_an_arm_action_goes_on_while_the_legs_walk() -> None:
    joints, _ = acted(Segment(FORWARD, Action("raise", side="left")))
    assert joints[-1, 0, 2] > 0.5
    middle = len(joints) // 2
    assert joints[middle, JOINT["left_wrist"], 1] > joints[middle, JOINT["head"], 1]
    assert joints[middle, JOINT["right_wrist"], 1] < joints[middle, JOINT["neck"], 1]


def test_actions_in_sequence_happen_within_their_segments() -> None:
    joints, segments = acted(FORWARD, Action("kick", side="right", count=2), Action("sit"))
    assert segments[0][0] == 0
    assert all(a[1] == b[0] for a, b in pairwise(segments))
    assert segments[-1][1] == len(joints) - 1
    foot = joints[:, JOINT["right_foot"]]
    kicking = foot[:, 1] > 0.3
    assert kicking.any()
    assert not kicking[: segments[1][0]].any()
    assert not kicking[segments[1][1] :].any()
    assert joints[segments[2][0], 0, 1] > 0.85
    assert joints[segments[1][0], 0, 2] == pytest.approx(joints[segments[1][1], 0, 2], abs=0.1)
