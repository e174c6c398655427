"""The whole of Eq. 1 with a real (tiny) retrieval model, against encoding every segment of every partition alone."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from mate_hf.errors import MateError
from mate_hf.localization import unit_edges
from mate_hf.localization.locate import Question, locate, merge_sub_texts
from mate_hf.localization.segment_features import Segment, encode_segments
from mate_hf.retrieval.retriever import Retriever
from tests.localization.tiny_retriever import make_retriever

TEXTS = ("a person walks", "turns left", "sits down", "waves twice")


@pytest.fixture(scope="module")
def retriever(text_encoders: dict[str, Path]) -> Retriever:
    return make_retriever(text_encoders["bert"])


def motions(seed: int, lengths: list[int]) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.normal(size=(length, 263)).cumsum(0).astype(np.float32) / 3 for length in lengths]


def text_features(retriever: Retriever) -> dict[str, torch.Tensor]:
    return dict(zip(TEXTS, retriever.encode_texts(TEXTS), strict=True))


@torch.no_grad()
def exhaustive(
    retriever: Retriever, motion: np.ndarray, texts: tuple[str, ...], unit: int
) -> list[tuple[float, tuple[int, ...]]]:
    """Every partition's cost, cheapest first; each segment encoded on its own, unpadded, in float64 sums."""
    edges = unit_edges(len(motion), unit).tolist()
    features = text_features(retriever)
    alone = {
        (start, end): F.normalize(
            retriever.model.encode_motion(
                torch.from_numpy(motion[start:end]).unsqueeze(0), torch.ones(1, end - start, dtype=torch.bool)
            ).mean
        )[0]
        for start, end in combinations(edges, 2)
    }
    ranked = []
    for inner in combinations(edges[1:-1], len(texts) - 1):
        cuts = (0, *inner, len(motion))
        cost = 0.0
        for text, (start, end) in zip(texts, pairwise(cuts), strict=True):
            cost += 1 - float(alone[start, end] @ features[text])
        ranked.append((cost, cuts))
    return sorted(ranked)


@pytest.mark.parametrize("unit", [5, 10])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_optimum_is_the_exhaustive_searchs(retriever: Retriever, unit: int, count: int) -> None:
    several = motions(count, [47, 60, 33])
    # All captions of a motion share its segments: ask about all counts at once, judge one.
    asked = [Question(place, TEXTS[:n]) for place in range(3) for n in (1, 2, 3) if n != count]
    asked += [Question(place, TEXTS[:count]) for place in range(3) if count * unit <= 33]
    answers = locate(asked, several, text_features(retriever), retriever.encode_motions, unit)
    for question, answer in zip(asked, answers, strict=True):
        ranked = exhaustive(retriever, several[question.motion], question.sub_texts, unit)
        assert answer.cost == pytest.approx(ranked[0][0], abs=1e-5)
        assert answer.segments == tuple(pairwise(ranked[0][1]))
        margin = ranked[1][0] - ranked[0][0] if len(ranked) > 1 else np.inf
        assert answer.margin == pytest.approx(margin, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.integers(1, 200))
def test_batches_of_like_length_change_no_segment(
    retriever: Retriever, seed: int, frames_per_batch: int
) -> None:
    several = motions(seed, [30, 44])
    random = np.random.default_rng(seed)
    starts = random.integers(0, 25, size=12)
    segments = [
        Segment(int(m), int(s), int(s + n))
        for m, s, n in zip(random.integers(0, 2, 12), starts, random.integers(1, 6, 12), strict=True)
    ]
    together = encode_segments(several, segments, retriever.encode_motions, frames_per_batch)
    alone = torch.cat([encode_segments(several, [one], retriever.encode_motions) for one in segments])
    torch.testing.assert_close(together, alone, atol=2e-6, rtol=1e-4)


def test_the_shortest_neighbours_merge_until_they_fit() -> None:
    texts = ("he walks forward slowly", "sits", "waves", "stands up and leaves")
    assert merge_sub_texts(texts, 4) == texts
    assert merge_sub_texts(texts, 3) == ("he walks forward slowly", "sits, waves", "stands up and leaves")
    assert merge_sub_texts(texts, 1) == ("he walks forward slowly, sits, waves, stands up and leaves",)
    assert merge_sub_texts(("a", "b", "c"), 2) == ("a, b", "c")


def test_a_model_that_says_no_numbers_places_nothing(retriever: Retriever) -> None:
    odd = {text: features * torch.nan for text, features in text_features(retriever).items()}
    with pytest.raises(MateError, match=r"'a person walks'.*what is no number"):
        locate([Question(0, TEXTS[:2])], motions(0, [60]), odd, retriever.encode_motions, 10)


def test_a_motion_of_no_frames_is_refused(retriever: Retriever) -> None:
    with pytest.raises(MateError, match="0 frames"):
        locate(
            [Question(0, TEXTS[:1])],
            [np.zeros((0, 263), np.float32)],
            text_features(retriever),
            retriever.encode_motions,
            10,
        )
