"""Probes of what a body did: known motions, their mirror images, the other skeleton, and measures computed the long way round."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from mate_hf.data.kinds import HUMANML3D, KIT
from mate_hf.data.synthetic import Action
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import PROBES, measure
from mate_hf.evaluation.obedience.activities import ACTIVITIES
from tests.data.synthetic.acting import JOINT, peaks
from tests.evaluation.obedience.acted_prompts import acted

SIDED = {
    "turn": (
        Action("turn", "left", degrees=90),
        Action("spin", "counterclockwise", degrees=360),
        Action("jog", "counterclockwise"),
    ),
    "sideways": (Action("walk", "left"), Action("run", "left")),
    "arm": (Action("raise", side="left"), Action("wave", side="left"), Action("punch", side="left", count=2)),
    "kick": (Action("kick", side="left"), Action("kick", side="left", count=3, speed="quickly")),
    "hop": (Action("hop", side="left", count=2), Action("hop", side="left", speed="quickly")),
}

UNSIDED = {
    "forward": (Action("walk", "forward"), 1),
    "rise": (Action("climb", "down"), -1),
    "leap": (Action("jump"), 1),
}


def mirrored(joints: np.ndarray) -> np.ndarray:
    """The body in a mirror: x changes its sign, left and right change names."""
    swapped = [
        JOINT[name.replace("left", "?").replace("right", "left").replace("?", "right")]
        for name in HUMANML3D.joint_names
    ]
    return joints[:, swapped] * (-1.0, 1.0, 1.0)


def turned(joints: np.ndarray, angle: float) -> np.ndarray:
    """The same motion elsewhere, facing another way."""
    cos, sin = math.cos(angle), math.sin(angle)
    return joints @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]).T + (3.0, 0.0, -2.0)


def as_kit(joints: np.ndarray) -> np.ndarray:
    """The joints that both skeletons name; a heel stands under its ankle, at the height of the toe joint."""
    kit = np.zeros((len(joints), KIT.joints, 3))
    for place, name in enumerate(KIT.joint_names):
        kit[:, place] = joints[:, JOINT[name.replace("heel", "ankle")]]
        if "heel" in name:
            kit[:, place, 1] = joints[:, JOINT[name.replace("heel", "foot")], 1]
    return kit


@pytest.mark.parametrize(("probe", "action"), [(probe, action) for probe in SIDED for action in SIDED[probe]])
@pytest.mark.parametrize("seed", [0, 1])
def test_left_is_above_zero_and_its_mirror_image_as_far_below(probe: str, action: Action, seed: int) -> None:
    joints = acted([action], seed)
    value = measure(probe, joints, 20.0)
    assert PROBES[probe].obeyed(1, value)
    assert not PROBES[probe].obeyed(-1, value)
    assert measure(probe, mirrored(joints), 20.0) == pytest.approx(-value, abs=1e-6)


@pytest.mark.parametrize("probe", UNSIDED)
def test_what_has_no_side_is_the_same_in_the_mirror(probe: str) -> None:
    action, sign = UNSIDED[probe]
    joints = acted([action], 0)
    value = measure(probe, joints, 20.0)
    assert PROBES[probe].obeyed(sign, value)
    assert not PROBES[probe].obeyed(-sign, value)
    assert measure(probe, mirrored(joints), 20.0) == pytest.approx(value, abs=1e-6)


ALL = {
    **{probe: (actions[0], ()) for probe, actions in SIDED.items()},
    **{probe: (action, ()) for probe, (action, _) in UNSIDED.items()},
    "speed": (Action("walk", "backward"), ()),
    "count": (Action("kick", side="right", count=3), ("kick",)),
    "order": (Action("jump"), ("leap", "low")),
}


@pytest.mark.parametrize("probe", ALL)
def test_neither_place_and_direction_nor_the_skeleton_matter(probe: str) -> None:
    action, of = ALL[probe]
    joints = acted([action], 2)
    value = measure(probe, joints, 20.0, of)
    assert measure(probe, turned(joints, 2.0), 20.0, of) == pytest.approx(value, abs=1e-5)
    assert measure(probe, as_kit(joints), 20.0, of) == pytest.approx(value, rel=0.15)


def test_every_probe_is_tried_here() -> None:
    assert ALL.keys() == PROBES.keys()


def test_heading_and_way_are_those_of_walking_along_frame_by_frame() -> None:
    for action in (Action("run", "clockwise"), Action("walk", "right"), Action("jog", "backward")):
        joints = acted([action], 4)
        angle, total, ahead, aside = None, 0.0, 0.0, 0.0
        for now, after in pairwise(joints):
            sides = [
                sum(
                    frame[JOINT[f"left_{part}"]] - frame[JOINT[f"right_{part}"]]
                    for part in ("hip", "shoulder")
                )
                for frame in (now, after)
            ]
            angles = [math.atan2(-side[2], side[0]) for side in sides]
            change = (angles[1] - angles[0] + math.pi) % (2 * math.pi) - math.pi
            total += change
            angle = angles[0] + change / 2
            step = after[0] - now[0]
            aside += step[0] * math.cos(angle) - step[2] * math.sin(angle)
            ahead += step[0] * math.sin(angle) + step[2] * math.cos(angle)
        assert measure("turn", joints, 20.0) == pytest.approx(total, abs=1e-4)
        assert measure("forward", joints, 20.0) == pytest.approx(ahead, abs=0.02)
        assert measure("sideways", joints, 20.0) == pytest.approx(aside, abs=0.02)


def test_speed_is_that_of_a_body_that_slides_and_not_slower_for_standing_still_after_it() -> None:
    body = np.repeat(acted([Action("bow")], 0)[:1].astype(float), 41, axis=0)
    body[:, :, 2] += 0.1 * np.arange(41)[:, None]
    assert measure("speed", body, 20.0) == pytest.approx(2.0)
    assert measure("speed", body, 12.5) == pytest.approx(1.25)
    resting = np.concatenate([body, np.repeat(body[-1:], 60, axis=0)])
    assert measure("speed", resting, 20.0) == pytest.approx(2.0)
    half = body.copy()
    half[:, :, 2] -= 0.05 * np.arange(41)[:, None]
    assert PROBES["speed"].obeyed(1, measure("speed", body, 20.0), measure("speed", half, 20.0))
    assert PROBES["speed"].obeyed(-1, measure("speed", half, 20.0), measure("speed", body, 20.0))


def test_a_body_that_stands_obeys_nothing() -> None:
    body = np.repeat(acted([Action("bow")], 0)[:1].astype(float), 60, axis=0)
    for name, probe in PROBES.items():
        of = tuple(ACTIVITIES)[: probe.activities]
        value = measure(name, body, 20.0, of)
        assert not probe.obeyed(1, value, value)
        # To stay on the floor is what a prompt may ask for.
        assert probe.obeyed(-1, value, value) == (name == "leap")


def naive_count(joints: np.ndarray, kind: str) -> int:
    """Counted by thresholds that rise and fall, on other measures than the probe's."""
    if kind in ("jump", "hop"):
        feet = [JOINT[f"{side}_{part}"] for side in ("left", "right") for part in ("foot", "ankle")]
        return peaks(joints[:, feet, 1].min(1) - joints[..., 1].min(), 0.02, 0.008)
    if kind == "squat":
        return peaks(joints[0, 0, 1] - joints[:, 0, 1], 0.2, 0.1)
    ends = "ankle" if kind == "kick" else "wrist"
    away = [
        np.linalg.norm((joints[:, JOINT[f"{side}_{ends}"]] - joints[:, 0])[:, [0, 2]], axis=-1)
        for side in ("left", "right")
    ]
    over, under = (0.6, 0.3) if kind == "kick" else (0.45, 0.4)
    return peaks(np.maximum(*away), over, under)


@pytest.mark.parametrize(
    ("kind", "of"),
    [("kick", "kick"), ("punch", "punch"), ("hop", "leap"), ("jump", "leap"), ("squat", "low")],
)
@pytest.mark.parametrize("speed", ["slowly", "quickly"])
def test_repetitions_are_counted(kind: str, of: str, speed: str) -> None:
    for seed, times in enumerate((1, 2) if kind == "squat" else (1, 2, 3)):
        side = "" if kind in ("jump", "squat") else "left"
        joints = acted([Action(kind, side=side, count=times, speed=speed)], seed)
        assert measure("count", joints, 20.0, (of,)) == times == naive_count(joints, kind)


def test_a_repetition_that_the_end_cuts_off_counts_too() -> None:
    joints = acted([Action("squat", count=2)], 0)
    lowest = joints[:, 0, 1]
    middle = len(joints) // 2
    last = middle + int(lowest[middle:].argmin())
    assert measure("count", joints[: last + 1], 20.0, ("low",)) == 2


def test_order_is_the_way_from_one_middle_to_the_other() -> None:
    bow, kick = Action("bow"), Action("kick", side="left")
    before, after = acted([bow, kick], 1), acted([kick, bow], 1)
    assert measure("order", before, 20.0, ("bow", "kick")) > 1.0
    assert measure("order", after, 20.0, ("bow", "kick")) < -1.0
    backward = measure("order", before[::-1], 20.0, ("bow", "kick"))
    assert backward == pytest.approx(-measure("order", before, 20.0, ("bow", "kick")), abs=1e-6)
    assert measure("order", before, 20.0, ("bow", "leap")) == 0.0


BODY = np.zeros((40, 22, 3))

REFUSED = [
    (("dance", BODY, 20.0), "probe: 'dance'; expected one of turn, "),
    (("turn", BODY[:, :20], 20.0), "joints: 20 joints; expected 22 (humanml3d) or 21 (kit)"),
    (("turn", BODY[:, :, :2], 20.0), "joints: an array of shape (40, 22, 2); expected (frames, joints, 3)"),
    (("turn", BODY[0], 20.0), "joints: an array of shape (22, 3); expected (frames, joints, 3)"),
    (("turn", BODY[:4], 20.0), "joints: 4 frames; what a body does shows in 5 or more"),
    (("turn", BODY * np.nan, 20.0), "joints: some numbers are NaN or infinite"),
    (("turn", BODY, 0.0), "joints: 0 frames per second"),
    (("count", BODY, 20.0), "of: 0 activities; the probe count asks about 1"),
    (("order", BODY, 20.0, ("kick", "sleep")), "of: 'sleep'; expected one of travel, "),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_what_is_no_body_and_no_probe_is_refused_in_a_line(arguments: tuple, said: str) -> None:
    with pytest.raises(MateError) as refused:
        measure(*arguments)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)
