"""Two segments made one motion: told in one caption, walked in one path, moved as its velocities say."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from datasets import Array2D, Dataset, Features, Sequence, Value
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.data.batching import EVALUATION, Draw
from mate_hf.data.compositions import FADE, IN_TURN, SHORTEST, Compositions, joined
from mate_hf.data.kinds import HUMANML3D, KINDS, LONGEST_MOTION, MotionKind
from mate_hf.data.motion_features import joints_to_features, recover
from mate_hf.data.split import Split
from tests.data.made_up_motion import made_up_motion


def two_motions(kind: MotionKind) -> tuple[np.ndarray, np.ndarray]:
    unit = kind.metre if kind.name == "kit" else 1.0
    whole = joints_to_features(made_up_motion(kind, unit, 200), kind).astype(np.float32)
    return whole[:70], whole[90:150]


def test_outside_the_fade_motions_stay_as_they_are() -> None:
    first, second = two_motions(HUMANML3D)
    made = joined(first, second, HUMANML3D)
    assert len(made) == len(first) + len(second) - FADE
    assert np.array_equal(made[: len(first) - FADE - 1], first[: -FADE - 1])
    assert np.array_equal(made[len(first) :], second[FADE:])
    ours = slice(0, HUMANML3D.feature_slices["joint_velocities"].start)
    assert np.array_equal(made[len(first) - FADE - 1, ours], first[-FADE - 1, ours])


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_velocities_say_how_joints_move_in_the_fade(kind: MotionKind) -> None:
    first, second = two_motions(kind)
    made = joined(first, second, kind)
    fade = slice(len(first) - FADE - 1, len(first))
    moved = np.linalg.norm(np.diff(recover(made.astype(np.float64), kind), axis=0), axis=-1)[fade]

    def said(features: np.ndarray) -> np.ndarray:
        velocities = features[:, kind.feature_slices["joint_velocities"]]
        return np.linalg.norm(velocities.reshape(len(features), -1, 3), axis=-1)

    share = np.arange(1, FADE + 1)[:, None] / (FADE + 1)
    plain = np.concatenate([first[-FADE - 1 : -FADE], (1 - share) * first[-FADE:] + share * second[:FADE]])
    assert np.abs(moved - said(made[fade])).mean() < 0.001 * np.abs(moved - said(plain)).mean()


FEATURES = Features(
    {
        "sub_texts": Sequence(Value("string")),
        "segments": Sequence(Sequence(Value("int32"))),
        "motion": Array2D((None, 263), "float32"),
    }
)


@pytest.fixture(scope="module")
def split() -> Split:
    random = np.random.default_rng(0)
    rows = []
    for number in range(40):
        cuts = np.cumsum(random.integers(10, 100, 3)).tolist()
        count = 1 + number % 3
        names = [f"a person does {number}.", f"jumps {number}", f"waves {number}"][:count]
        ends = cuts[:count]
        segments = [list(span) for span in pairwise([0, *ends])]
        motion = np.full((ends[-1], 263), number, np.float32)
        rows.append({"sub_texts": names, "segments": segments, "motion": motion})
    return Split(Dataset.from_list(rows, features=FEATURES))


@given(seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=20)
def test_each_is_a_first_sub_text_and_a_later_one_of_another_caption(split: Split, seed: int) -> None:
    made = Compositions(split, HUMANML3D, seed, 0.5)
    again = Compositions(split, HUMANML3D, seed, 0.5)
    assert len(made) == len(split)
    captions = split.captions.remove_columns("motion")
    for row in range(len(split)):
        known = captions[row]
        composition = made[row]
        assert composition == again[row]
        if composition is None:
            assert known["segments"][0][1] < SHORTEST or known["segments"][0][1] > LONGEST_MOTION - SHORTEST
            continue
        first, second = composition.first, composition.second
        assert (first.row, first.text, [first.start, first.end]) == (
            row,
            known["sub_texts"][0],
            known["segments"][0],
        )
        other = captions[second.row]
        place = other["sub_texts"].index(second.text)
        assert place > 0
        assert other["segments"][place] == [second.start, second.end]
        assert composition.caption in [way.format(first.text.rstrip("."), second.text) for way in IN_TURN]
        motion = made.motion(composition)
        assert len(motion) == first.frames + second.frames - FADE <= LONGEST_MOTION
        assert (motion[0, 0], motion[-1, 0]) == (row, second.row)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a man walks.", "kicks twice", ["a man walks, then kicks twice", "a man walks. then kicks twice"]),
        (
            "a man walks",
            "kicking twice.",
            ["a man walks before kicking twice", "before kicking twice, a man walks"],
        ),
        (
            "walking on",
            "he kicks twice",
            ["he kicks twice after walking on", "after walking on, he kicks twice"],
        ),
        (
            "walking on",
            "kicking twice",
            ["walking on and then kicking twice", "walking on, then kicking twice"],
        ),
        (
            "a king walks",
            "swings an arm",
            ["a king walks, then swings an arm", "a king walks and then swings an arm"],
        ),
    ],
)
def test_what_comes_second_is_told_so(first: str, second: str, expected: list[str]) -> None:
    motion = np.zeros((60, 263), np.float32)
    row = {"sub_texts": [first, second], "segments": [[0, 30], [30, 60]], "motion": motion}
    split = Split(Dataset.from_list([row], features=FEATURES))
    told = {Compositions(split, HUMANML3D, seed, 1.0).texts[0] for seed in range(30)}
    assert told.issuperset(expected)
    assert len(told) == (4 if "then" in expected[0] else 2)


def test_they_are_drawn_as_often_as_asked_and_never_in_evaluation(split: Split) -> None:
    made = Compositions(split, HUMANML3D, 3, 0.25)
    there = [row for row in range(len(split)) if made[row] is not None]
    drawn = [made.drawn(Draw(epoch, row)) for epoch in range(50) for row in there]
    assert 0.2 < sum(found is not None for found in drawn) / len(drawn) < 0.3
    assert all(made.drawn(Draw(EVALUATION, row)) is None for row in there)
    assert set(made.texts) == {found.caption for found in drawn if found is not None}


def test_captions_of_one_sub_text_lend_theirs_where_none_has_several(split: Split) -> None:
    single = split.select(range(0, 39, 3))
    made = Compositions(single, HUMANML3D, 0, 1.0)
    found = [made[row] for row in range(len(single))]
    assert any(found)
    assert all(composition.second.text.startswith("a person does") for composition in found if composition)
