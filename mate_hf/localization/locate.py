"""Sub-texts of captions -> segments of their motions, many at once (Sec. 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.localization.partition import best_partition, usable_segments
from mate_hf.localization.segment_features import CPU_FRAMES, EncodeMotions, Segment, encode_segments
from mate_hf.localization.units import unit_edges
from mate_hf.utils.json_files import brief


@dataclass(frozen=True)
class Located:
    """Where a caption's sub-texts lie in its motion.

    Attributes:
        sub_texts: N of them; neighbours are merged where the motion has fewer units than sub-texts.
        segments: N times (first frame, end frame), contiguous, from 0 to the motion's end.
        cost: the optimum of Eq. 1, in [0, 2N].
        margin: what the runner-up partition costs more; infinite where there is no other.
    """

    sub_texts: tuple[str, ...]
    segments: tuple[tuple[int, int], ...]
    cost: float
    margin: float


@dataclass(frozen=True)
class Question:
    """A caption's sub-texts, and the place of its motion in a list."""

    motion: int
    sub_texts: tuple[str, ...]


def merge_sub_texts(sub_texts: Sequence[str], units: int) -> tuple[str, ...]:
    """At most `units` sub-texts: of all neighbours the shortest pair is joined, the first of equals, until they fit."""
    merged = list(sub_texts)
    while len(merged) > units:
        sizes = [len(f"{a} {b}".split()) for a, b in pairwise(merged)]
        pair = sizes.index(min(sizes))
        merged[pair : pair + 2] = [f"{merged[pair]}, {merged[pair + 1]}"]
    return tuple(merged)


def locate(
    questions: Sequence[Question],
    motions: Sequence[NDArray[np.float32]],
    text_features: dict[str, Tensor],
    encode: EncodeMotions,
    unit: int,
    frames_per_batch: int = CPU_FRAMES,
) -> list[Located]:
    """The optimum of Eq. 1 for each question; segments that several captions of a motion can use are encoded once.

    Args:
        questions: whose `sub_texts` are already merged to fit, see `merge_sub_texts`.
        motions: raw features (T,F).
        text_features: sub-text -> unit vector (D,), E_t.
        encode: E_m.
        unit: frames a unit.
    """
    edges = [unit_edges(len(motion), unit) for motion in motions]
    wanted: dict[tuple[int, int, int], None] = {}
    for question in questions:
        usable = usable_segments(len(edges[question.motion]) - 1, len(question.sub_texts))
        wanted |= dict.fromkeys((question.motion, int(i), int(j)) for i, j in np.argwhere(usable))
    rows = list(wanted)
    segments = [Segment(motion, int(edges[motion][i]), int(edges[motion][j])) for motion, i, j in rows]
    features = encode_segments(motions, segments, encode, frames_per_batch).double().numpy()
    tables = _Tables(np.asarray(rows), features, len(motions))
    return [_answer(question, edges[question.motion], tables, text_features) for question in questions]


class _Tables:
    """Segment features by motion."""

    def __init__(self, rows: NDArray[np.int64], features: NDArray[np.float64], motions: int) -> None:
        order = rows[:, 0].argsort(kind="stable")
        self.rows, self.features = rows[order], features[order]
        self.first = np.searchsorted(self.rows[:, 0], np.arange(motions + 1))

    def of(self, motion: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Unit ranges (M,2) and features (M,D) of a motion's segments."""
        part = slice(self.first[motion], self.first[motion + 1])
        return self.rows[part, 1:], self.features[part]


def _answer(
    question: Question, edges: NDArray[np.int64], tables: _Tables, text_features: dict[str, Tensor]
) -> Located:
    ranges, features = tables.of(question.motion)
    texts = np.stack([text_features[text].double().numpy() for text in question.sub_texts])
    if not (np.isfinite(texts).all() and np.isfinite(features).all()):
        raise MateError(
            f"sub-texts {brief(list(question.sub_texts))}: the retrieval model says of them, or of their motion, what is no number. "
            "Choose an earlier checkpoint of it."
        )
    costs = np.full((len(texts), len(edges) - 1, len(edges)), np.inf)
    costs[:, ranges[:, 0], ranges[:, 1]] = 1.0 - texts @ features.T
    found = best_partition(costs)
    frames = [int(edges[edge]) for edge in found.edges]
    segments = tuple(pairwise(frames))
    return Located(question.sub_texts, segments, found.cost, found.margin)
