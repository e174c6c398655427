"""A feature that moves only by rounding must not become a hundred thousand deviations of a motion that does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mate_hf.data.humanml3d import read_corpus
from mate_hf.data.kinds import HUMANML3D, KINDS, KIT, MotionKind
from mate_hf.data.prepared import load_corpus, save_corpus
from mate_hf.data.statistics import FLOORS, LENGTHS, RunningStatistics, lifted
from tests.data.folders import small_corpus, some_motion, write_lists, write_motion

GROUPS = list(HUMANML3D.feature_slices)


def statistics_of(
    motion: np.ndarray, kind: MotionKind = HUMANML3D
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    running = RunningStatistics(kind)
    running.add(motion)
    return running.result()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("group", GROUPS)
def test_rounding_noise_has_a_std_of_one_metre_and_is_named(kind: MotionKind, group: str) -> None:
    unit = kind.metre if group in LENGTHS else 1.0
    # Far above every floor, in the corpus's unit.
    motion = some_motion(0, 200, kind) * np.float32(10 * kind.metre)
    place = kind.feature_slices[group]
    motion[:, place] = np.float32(unit) * (1 + 1e-7 * some_motion(1, 200, kind)[:, place])
    _, std, sentences = statistics_of(motion, kind)
    assert std[place].tolist() == [unit] * (place.stop - place.start)
    [said] = sentences
    assert said.startswith(f"{group} never changes in training but for rounding (Std ")
    assert f"under {FLOORS[group] * unit:g}); its Std is set to {unit:g}." in said


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_just_above_its_floor_keeps_its_std_to_the_bit(group: str) -> None:
    place = HUMANML3D.feature_slices[group]
    std = np.ones(263, np.float32)
    std[place] = np.float32(FLOORS[group] * 1.01)
    kept, sentences = lifted(std, HUMANML3D, "hardly changes")
    np.testing.assert_array_equal(kept, std)
    assert not sentences
    std[place] = np.float32(FLOORS[group] * 0.99)
    assert (lifted(std, HUMANML3D, "hardly changes")[0][place] == 1).all()


def test_a_given_std_is_lifted_where_it_is_noise_and_nowhere_else(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path / "in")
    std = np.full(263, 0.5, np.float32)
    std[0], std[70] = 1e-10, 7e-5
    std[80] = 1e-8
    np.save(folder / "Mean.npy", np.zeros(263, np.float32))
    np.save(folder / "Std.npy", std)
    corpus = read_corpus(folder)
    expected = std.copy()
    expected[[0, 80]] = 1.0
    np.testing.assert_array_equal(corpus.std, expected)
    told = " ".join(corpus.report.warnings)
    assert "root_rotation_velocity hardly changes by Std.npy but for rounding (Std 1e-10" in told
    assert "joint_rotations hardly changes by Std.npy" in told
    assert "in 1 of its 126 channels; its Std is set to 1." in told


def test_a_prepared_corpus_of_before_opens_with_a_std_that_can_be_used(tmp_path: Path) -> None:
    save_corpus(read_corpus(small_corpus(tmp_path / "in")), tmp_path / "out")
    std = np.load(tmp_path / "out" / "Std.npy")
    std[0] = 2.4e-8
    np.save(tmp_path / "out" / "Std.npy", std)
    corpus = load_corpus(tmp_path / "out")
    assert corpus.std[0] == 1
    assert any("root_rotation_velocity" in warning for warning in corpus.report.warnings)


def test_a_new_motion_lies_a_few_deviations_away(tmp_path: Path) -> None:
    straight = some_motion(0, 60)
    straight[:, 0] = np.float32(0.1) + 3e-9 * np.arange(60, dtype=np.float32)
    turning = some_motion(1, 60)
    write_motion(tmp_path, "a", straight)
    write_motion(tmp_path, "b", turning)
    write_lists(tmp_path, "a", "b")
    corpus = read_corpus(tmp_path)
    normalised = (corpus.splits["val"].motions[0] - corpus.mean) / corpus.std
    assert np.abs(normalised).max() < 10


def test_kit_lengths_are_in_millimetres() -> None:
    std = np.ones(251, np.float32) * 100
    std[KIT.feature_slices["root_height"]] = 0.4
    kept, sentences = lifted(std, KIT, "hardly changes")
    assert kept[3] == 1000
    assert len(sentences) == 1
