"""Captioned motions: the field's crop or a random window, the same for the same draw, whole in evaluation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mate_hf.data.batching import EVALUATION, Draw, caption_number, cropped
from mate_hf.data.captioned_motions import CaptionedMotions, collate_captioned
from mate_hf.data.corpus import open_corpus
from mate_hf.data.split import Split
from tests.tiny import make_corpus


@pytest.fixture(scope="module")
def train(tmp_path_factory: pytest.TempPathFactory) -> Split:
    return open_corpus(str(make_corpus(tmp_path_factory.mktemp("corpus"), clips=6))).splits["train"]


def test_without_a_window_a_motion_is_cropped_as_the_field_crops(train: Split) -> None:
    rows = CaptionedMotions(train, seed=3)
    for draw in (Draw(0, 1), Draw(5, 2), Draw(EVALUATION, 0)):
        assert np.array_equal(rows[draw].motion, cropped(train.motions[draw.row], 3, draw)[1])


def test_windows_come_from_anywhere_in_the_motion_and_follow_from_the_draw(train: Split) -> None:
    rows = CaptionedMotions(train, seed=3, window=16)
    motion = train.motions[0]
    places = range(len(motion) - 15)
    found = set()
    for epoch in range(400):
        seen = rows[Draw(epoch, 0)].motion
        assert np.array_equal(seen, CaptionedMotions(train, 3, 16)[Draw(epoch, 0)].motion)
        [start] = [place for place in places if np.array_equal(motion[place : place + 16], seen)]
        found.add(start)
    assert {places[0], places[-1]} <= found
    assert len(found) > 0.9 * len(places)
    others = [CaptionedMotions(train, 4, 16)[Draw(epoch, 0)].motion for epoch in range(5)]
    assert not all(np.array_equal(rows[Draw(epoch, 0)].motion, other) for epoch, other in enumerate(others))


def test_a_window_takes_short_motions_whole_and_is_not_for_evaluation(train: Split) -> None:
    length = len(train.motions[0])
    assert len(CaptionedMotions(train, 0, length + 1)[Draw(2, 0)].motion) == length
    evaluated = CaptionedMotions(train, 0, 16)[Draw(EVALUATION, 0)].motion
    assert np.array_equal(evaluated, train.motions[0][: length // 4 * 4])


def test_a_batch_says_which_captions_are_the_same(train: Split) -> None:
    rows = CaptionedMotions(train, 0, 16)
    batch = collate_captioned([rows[Draw(EVALUATION, row)] for row in range(3)])
    assert batch.keys() == {"motion", "length", "mask", "caption_id"}
    assert batch["caption_id"].tolist() == [caption_number(text) for text in train["caption"][:3]]
    for row in range(3):
        own = batch["motion"][row, : batch["length"][row]]
        assert torch.equal(own, torch.tensor(train.motions[row][: len(own)]))
        assert int(batch["mask"][row].sum()) == len(train.motions[row]) // 4 * 4
