"""A caption over a motion: the model's own attention, segments that are the localization's, sub-texts that light up."""

from __future__ import annotations

import numpy as np
import pytest

from mate_hf.explorer.localizing import Localizer
from mate_hf.explorer.opening import Explored
from mate_hf.explorer.reading import read_caption, scene_of_reading
from mate_hf.localization.locate import Question, locate

CAPTION = "a person walks forward and turns left"


def test_attention_is_the_models(explored: Explored) -> None:
    found = read_caption(explored.gallery, explored.localizer, CAPTION, 1)
    own = explored.trained.model.word_attention(CAPTION, explored.gallery.features(1))
    assert list(found.attention.words) == CAPTION.split()
    np.testing.assert_allclose(found.attention.weights.T, own["weights"], atol=1e-6)
    assert found.attention.weights.shape[0] == len(found.motion.joints)


def test_sub_texts_lie_where_eq_1_puts_them(explored: Explored) -> None:
    assert explored.localizer is not None
    retriever, gallery = explored.localizer.retriever, explored.gallery
    found = read_caption(gallery, explored.localizer, CAPTION, 2)
    assert found.sub_texts == ("a person walks forward", "turns left")
    texts = dict(zip(found.sub_texts, retriever.encode_texts(found.sub_texts), strict=True))
    [expected] = locate(
        [Question(0, found.sub_texts)], [gallery.features(2)], texts, retriever.encode_motions, 10
    )
    assert found.segments == expected.segments
    assert found.segments[0][0] == 0
    assert found.segments[-1][1] == len(found.motion.joints)
    assert [found.parts[CAPTION.split().index(word)] for word in ("walks", "and", "left")] == [0, None, 1]


def test_what_was_asked_before_changes_no_answer(explored: Explored) -> None:
    assert explored.localizer is not None
    known = explored.localizer
    captions = ("a person walks forward", CAPTION, f"{CAPTION} and jumps", CAPTION)
    fresh = [Localizer(known.retriever, known.motion, 20).locate(caption, 3) for caption in captions]
    assert len({found[1] for found in fresh}) == 3
    one = Localizer(known.retriever, known.motion, 20)
    assert [one.locate(caption, 3) for caption in captions] == fresh


def test_without_a_clip_the_best_one_is_taken(explored: Explored) -> None:
    found = read_caption(explored.gallery, explored.localizer, CAPTION, None)
    assert found.rank == 1
    assert found.place == explored.gallery.motions_for(explored.gallery.sentence_feature(CAPTION), 1)[0].place


def test_sub_texts_light_up_in_their_segments(explored: Explored) -> None:
    found = read_caption(explored.gallery, explored.localizer, CAPTION, 0)
    looks = scene_of_reading(found).motions[0].attention
    assert looks is not None
    assert list(looks.words) == ["1. a person walks forward", "2. turns left", *CAPTION.split()]
    start, end = found.segments[1]
    assert np.flatnonzero(looks.weights[:, 1]).tolist() == list(range(start, end))


def test_without_a_retrieval_model_there_are_sub_texts_and_no_segments(explored: Explored) -> None:
    found = read_caption(explored.gallery, None, CAPTION, 0)
    assert found.sub_texts == ("a person walks forward", "turns left")
    assert found.segments == ()
    assert list(scene_of_reading(found).motions[0].attention.words) == CAPTION.split()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "caption", ["left", "and then", "turns left, then right, then left, then right, then left, then jumps"]
)
def test_odd_captions_are_read_too(explored: Explored, caption: str) -> None:
    found = read_caption(explored.gallery, explored.localizer, caption, 0)
    assert found.segments[-1][1] == len(found.motion.joints)
