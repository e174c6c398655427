"""Searches rank by the model's own cosines; own clips are read as a stranger's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.explorer.opening import Explored
from tests.data.walking_body import walking


def cropped(features: np.ndarray) -> np.ndarray:
    """As retrieval is evaluated: to whole units of four frames."""
    return features[: len(features) // 4 * 4]


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_motions_and_sentences_are_ranked_by_cosine(explored: Explored) -> None:
    gallery, model = explored.gallery, explored.trained.model
    sentence = "a person turns right"
    told = model.encode_text(sentence)[0].numpy()
    motions = [
        model.encode_motion(cropped(gallery.features(place)))[0].numpy()
        for place in range(len(gallery.clips))
    ]
    expected = [cosine(told, motion) for motion in motions]
    found = gallery.motions_for(gallery.sentence_feature(sentence), 3)
    assert [one.place for one in found] == np.argsort(expected)[::-1][:3].tolist()
    np.testing.assert_allclose([one.score for one in found], sorted(expected)[::-1][:3], atol=1e-5)
    worst = int(np.argmin(expected))
    score, rank = gallery.score_and_rank(gallery.sentence_feature(sentence), worst)
    assert rank == len(motions) == 4
    assert score == pytest.approx(min(expected), abs=1e-5)

    said = [cosine(model.encode_text(text)[0].numpy(), motions[0]) for text in gallery.sentences]
    back = gallery.sentences_for(gallery.clip_feature(0), 2)
    assert [one.place for one in back] == np.argsort(said)[::-1][:2].tolist()
    np.testing.assert_allclose(
        gallery.motion_feature(gallery.features(0)), gallery.clip_feature(0), atol=1e-5
    )


def test_a_clip_has_its_captions_and_its_name(explored: Explored) -> None:
    gallery = explored.gallery
    assert all(len(clip.captions) == 2 for clip in gallery.clips)
    assert gallery.place_of(gallery.clips[2].name) == 2
    with pytest.raises(MateError, match='The test split has no motion "nobody"'):
        gallery.place_of("nobody")


def test_an_own_clip_is_read_as_the_corpus_is(explored: Explored, tmp_path: Path) -> None:
    joints = walking(60)
    np.save(tmp_path / "walk.npy", joints)
    motion, features = explored.gallery.own(tmp_path / "walk.npy")
    assert features.shape == (59, 263)
    assert features.dtype == np.float32
    np.testing.assert_allclose(motion.joints, joints, atol=1e-6)
    assert torch.isfinite(explored.gallery.motion_feature(features)).all()


@pytest.mark.parametrize(
    ("clip", "said"),
    [
        (np.full((60, 22, 3), np.nan), "NaN or infinite"),
        (walking(1), "one frame"),
        (np.zeros((5, 7)), "shape|features"),
        (walking(60)[:, :21], "kit"),
    ],
)
def test_an_own_clip_that_cannot_be_read_is_named(
    explored: Explored, tmp_path: Path, clip: np.ndarray, said: str
) -> None:
    np.save(tmp_path / "x.npy", clip)
    with pytest.raises(MateError, match=f"(?i){said}"):
        explored.gallery.own(tmp_path / "x.npy")
