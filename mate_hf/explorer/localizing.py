"""A typed caption's sub-texts, and where each lies in a motion (Sec. 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mate_hf.localization.locate import merge_sub_texts
from mate_hf.localization.partition import best_partition, usable_segments
from mate_hf.localization.segment_features import Segment, encode_segments, frames_per_batch
from mate_hf.localization.units import unit_edges, unit_frames
from mate_hf.retrieval.retriever import Retriever
from mate_hf.text.decomposition.rules import RuleDecomposer

UNIT_SECONDS = 0.5

MOST_KEPT = 128
"""Clips whose segments stay in memory: of 196 frames and 256 features one has 0.4 MB."""

rules = cache(RuleDecomposer)
"""One for all: it opens its language tool once."""


def sub_texts_of(caption: str) -> list[str]:
    """The actions of a caption in their order, by rules."""
    [found] = rules().decompose([caption])
    return found


class Localizer:
    """Cuts clips by Eq. 1, as `mate localize` does; segments of a clip are encoded once for all captions.

    Args:
        retriever: E_t and E_m.
        motion: a clip's raw features (T, F), by its place.
        fps: of the clips.
    """

    def __init__(
        self, retriever: Retriever, motion: Callable[[int], NDArray[np.float32]], fps: float
    ) -> None:
        self.retriever, self.motion = retriever, motion
        self.unit = unit_frames(UNIT_SECONDS, fps)
        self._kept: dict[int, NDArray[np.float32]] = {}

    def locate(self, caption: str, place: int) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
        """Sub-texts of a caption and of each its first frame and end in a clip; neighbours are merged where the clip is too short."""
        motion = self.motion(place)
        edges = unit_edges(len(motion), self.unit)
        U = len(edges) - 1
        sub_texts = merge_sub_texts(sub_texts_of(caption), U)
        N = len(sub_texts)
        usable = usable_segments(U, N)
        segments = self._segments(place, motion, edges, usable)
        texts = self.retriever.encode_texts(sub_texts).double().numpy()
        costs = np.full((N, U, U + 1), np.inf)
        costs[:, usable] = 1.0 - texts @ segments[usable].astype(np.float64).T
        frames = [int(edges[edge]) for edge in best_partition(costs).edges]
        return sub_texts, tuple(pairwise(frames))

    def _segments(
        self,
        place: int,
        motion: NDArray[np.float32],
        edges: NDArray[np.int64],
        wanted: NDArray[np.bool_],
    ) -> NDArray[np.float32]:
        """(U, U+1, D), NaN where nobody wanted them yet."""
        D = self.retriever.model.config.latent_size
        known = self._kept.get(place, np.full((*wanted.shape, D), np.nan, np.float32))
        missing = wanted & np.isnan(known[..., 0])
        if missing.any():
            places = np.argwhere(missing)
            segments = [Segment(0, int(edges[i]), int(edges[j])) for i, j in places]
            frames = frames_per_batch(self.retriever.device)
            known[missing] = encode_segments([motion], segments, self.retriever.encode_motions, frames)
            self._kept[place] = known
            while len(self._kept) > MOST_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
        return known
