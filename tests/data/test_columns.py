"""Columns read straight from the file hold what Datasets would give."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from datasets import Array2D, Dataset, Features, concatenate_datasets

from mate_hf.data.columns import ClipMotions, Columns, MotionColumn
from mate_hf.data.corpus import Split, load_corpus, read_corpus, save_corpus
from tests.data.folders import CAPTION, small_corpus, some_motion, write_lists, write_motion


@pytest.fixture
def train(tmp_path: Path) -> Split:
    folder = small_corpus(tmp_path / "in")
    write_motion(folder, "b", some_motion(5, 90), f"{CAPTION}\nsits#x/X#1.0#4.0\nlies#x/X#8.0#9.0")
    write_lists(folder, "a b", "c", "d")
    save_corpus(read_corpus(folder), tmp_path / "out")
    split = load_corpus(tmp_path / "out").splits["train"]
    return split.with_captions(
        split.captions.add_column("words", [caption.split() for caption in split["caption"]])
    )


@pytest.fixture
def motions_in_rows(train: Split) -> Dataset:
    """As prepared folders were once: each row holds its motion."""
    features = {**train.captions.features, "motion": Array2D((None, 263), "float32")}
    return Dataset.from_list([train.row(row) for row in range(len(train))], Features(features))


def test_rows_are_read_as_stored_through_select_shuffle_and_concatenation(motions_in_rows: Dataset) -> None:
    train = motions_in_rows
    names = ("caption", "length", "words")
    twice = concatenate_datasets([train, train.select([2, 0])])
    for split in (
        train,
        train.shuffle(seed=3),
        train.select([2, 1]),
        twice,
        twice.shuffle(seed=1),
        train.filter(bool),
    ):
        motions, texts = MotionColumn(split), Columns(split, names)
        for row in range(-len(split), len(split)):
            motion = motions[row]
            assert motion.dtype == np.float32
            np.testing.assert_array_equal(motion, split[row]["motion"])
            assert texts[row] == {name: split[row][name] for name in names}
    motions = MotionColumn(train)
    assert motions[np.int64(1)].shape == (90, 263)
    for row in (3, -4):
        with pytest.raises(IndexError):
            motions[row]


def test_captions_of_a_motion_read_their_clip_of_it_through_select_and_shuffle(
    train: Split, motions_in_rows: Dataset
) -> None:
    whole = [motions_in_rows[row]["motion"] for row in range(len(train))]
    for order in ([2, 0, 1], [1, 1], [0]):
        for captions in (
            train.captions.select(order),
            concatenate_datasets([train.captions.select(order)] * 2),
        ):
            motions = ClipMotions(captions, train.table)
            assert len(motions) == len(captions)
            for row in range(-len(captions), len(captions)):
                np.testing.assert_array_equal(motions[row], whole[order[row % len(order)]])
    with pytest.raises(IndexError):
        train.motions[3]


def test_a_motion_is_a_view_of_the_file_and_not_a_copy(train: Split) -> None:
    again = Split(train.captions, train.table)
    assert np.shares_memory(train.motions[0], again.motions[0])
    assert np.shares_memory(train.motions[1], train.motions[2])
    assert not train.motions[0].flags.writeable


def test_a_worker_is_sent_the_place_of_the_file_and_not_the_motions(train: Split) -> None:
    motions = train.with_captions(train.captions.remove_columns("words")).motions
    motions[0]
    sent = pickle.dumps(motions)
    assert len(sent) < motions[0].nbytes / 2
    np.testing.assert_array_equal(pickle.loads(sent)[1], motions[1])
