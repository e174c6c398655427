"""A caption over a motion: its sub-texts on their segments, where its words look, and how well both go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mate_hf.explorer.gallery import Gallery
from mate_hf.explorer.localizing import Localizer, sub_texts_of
from mate_hf.motion_files.reading import Motion
from mate_hf.plotting.scene import Attention, Scene, scene_of
from mate_hf.text.sub_text_words import sub_text_of_words


@dataclass(frozen=True)
class Reading:
    """What is shown of a caption.

    Attributes:
        place: of the clip among the gallery's.
        score, rank: cosine of the caption with the clip, and the clip's rank among all of the split for it.
        sub_texts: in order.
        segments: first frame and end of each; empty where no retrieval model says.
        parts: of each word the place of its sub-text.
        attention: the caption's words, and how much of it each gives to each frame (T, words), columns summing to 1.
    """

    caption: str
    place: int
    score: float
    rank: int
    motion: Motion
    sub_texts: tuple[str, ...]
    segments: tuple[tuple[int, int], ...]
    parts: tuple[int | None, ...]
    attention: Attention


def read_caption(gallery: Gallery, localizer: Localizer | None, caption: str, place: int | None) -> Reading:
    """Read a caption over a clip; None: over the one that goes with it best."""
    feature = gallery.sentence_feature(caption)
    if place is None:
        place = gallery.motions_for(feature, 1)[0].place
    score, rank = gallery.score_and_rank(feature, place)
    sub_texts, segments = (
        (tuple(sub_texts_of(caption)), ()) if localizer is None else localizer.locate(caption, place)
    )
    return Reading(
        caption=caption,
        place=place,
        score=score,
        rank=rank,
        motion=gallery.motion(place),
        sub_texts=sub_texts,
        segments=segments,
        parts=tuple(sub_text_of_words(caption, sub_texts)),
        attention=attention_of(gallery, caption, gallery.features(place)),
    )


def attention_of(gallery: Gallery, caption: str, features: NDArray[np.float32]) -> Attention:
    """Where each word of a caption looks in a motion (T, F)."""
    found = gallery.model.word_attention(caption, features)
    weights = torch.as_tensor(found["weights"]).T.cpu().numpy()
    return Attention([str(word) for word in found["words"]], weights)


def scene_of_reading(reading: Reading) -> Scene:
    """Its motion to play: sub-texts light up in their segments, words where they look."""
    return scene_of([reading.motion], [reading.caption], [_with_sub_texts(reading)])


def _with_sub_texts(reading: Reading) -> Attention:
    looks, frames = reading.attention, len(reading.motion.joints)
    weights = [_inside(segment, frames) for segment in reading.segments]
    words: Sequence[str] = [
        f"{number}. {text}" for number, text in enumerate(reading.sub_texts[: len(weights)], 1)
    ]
    return Attention(
        [*words, *looks.words], np.column_stack([*weights, np.asarray(looks.weights, dtype=float)])
    )


def _inside(segment: tuple[int, int], frames: int) -> NDArray[np.float64]:
    start, end = segment
    places = np.arange(frames)
    return ((places >= start) & (places < end)).astype(float)
