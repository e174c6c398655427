"""Each loss against a float64 loop written from the paper's equation."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from mate_hf.objectives import losses

TAU = 0.05


def cos(a: Tensor, b: Tensor) -> float:
    return float((a * b).sum() / (a.norm() * b.norm()))


def log_sum_exp(values: list[float]) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(value - top) for value in values))


def features(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def naive_contrastive(a: Tensor, b: Tensor, group: list[int] | None, tau: float = TAU) -> float:
    total = 0.0
    for i in range(len(a)):
        others = [j for j in range(len(a)) if j == i or group is None or group[j] != group[i]]
        forth = [cos(a[i], b[j]) / tau for j in others]
        back = [cos(b[i], a[j]) / tau for j in others]
        total += 2 * -cos(a[i], b[i]) / tau + log_sum_exp(forth) + log_sum_exp(back)
    return total / (2 * len(a))


def naive_negatives(word: Tensor, text: Tensor, excluded: Tensor, count: int) -> list[tuple[int, int]]:
    pairs = []
    for i in range(len(word)):
        legal = [j for j in range(len(text)) if not excluded[i, j]]
        legal.sort(key=lambda j: cos(word[i], text[j]))
        pairs += [(i, j) for j in legal[:count]]
    return pairs


def naive_cross(own: Tensor, crossed: Tensor, pairs: list[tuple[int, int]]) -> float:
    # crossed[m][w]: word w on motion m.
    total = sum(abs(cos(own[i], crossed[i, j])) + abs(cos(own[i], crossed[j, i])) for i, j in pairs)
    return total / max(len(pairs), 1)


def agree(ours: Tensor, reference: float) -> None:
    assert float(ours) == pytest.approx(reference, rel=1e-9, abs=1e-12)


seeds = st.integers(0, 2**20)
batches = st.integers(2, 12)


@given(seeds, batches, st.integers(1, 30))
def test_self_disentanglement_is_equation_5(seed: int, B: int, K: int) -> None:
    found, prototypes = features(seed, B, 6), features(seed + 1, K, 6)
    ids = torch.randint(K, (B,), generator=torch.Generator().manual_seed(seed))
    reference = sum(
        log_sum_exp([cos(found[i], prototypes[k]) / TAU for k in range(K)])
        - cos(found[i], prototypes[ids[i]]) / TAU
        for i in range(B)
    )
    agree(losses.self_disentanglement(found, prototypes, ids, TAU), reference / B)


@given(seeds, batches, st.integers(1, 4))
def test_alignment_is_equation_6_and_a_word_is_no_negative_of_itself(seed: int, B: int, words: int) -> None:
    word, found = features(seed, B, 6), features(seed + 1, B, 6)
    lemma = torch.randint(words, (B,), generator=torch.Generator().manual_seed(seed))
    agree(losses.word_alignment(word, found, None, TAU), naive_contrastive(word, found, None))
    agree(losses.word_alignment(word, found, lemma, TAU), naive_contrastive(word, found, lemma.tolist()))


@given(seeds, batches)
def test_sentence_alignment_spares_equal_captions(seed: int, B: int) -> None:
    text, motion = features(seed, B, 6), features(seed + 1, B, 6)
    caption = torch.arange(B) // 2
    agree(
        losses.sentence_alignment(text, motion, caption, TAU),
        naive_contrastive(text, motion, caption.tolist()),
    )


@given(seeds, batches, st.floats(0, 1), st.integers(1, 8))
def test_cross_disentanglement_queries_both_ways(seed: int, B: int, density: float, count: int) -> None:
    word, text, own = (features(seed + k, B, 6) for k in range(3))
    crossed = features(seed + 3, B, B, 6)
    excluded = torch.rand(B, B, generator=torch.Generator().manual_seed(seed)) < density
    excluded |= torch.eye(B, dtype=torch.bool)
    pairs = naive_negatives(word, text, excluded, count)
    negatives = losses.least_similar_captions(word, text, excluded, count)
    assert {tuple(pair) for pair in negatives.nonzero().tolist()} == set(pairs)
    agree(losses.cross_disentanglement(own, crossed, negatives), naive_cross(own, crossed, pairs))


@given(seeds, st.integers(1, 3))
def test_shares_of_cross_disentanglement_sum_to_the_whole(seed: int, parts: int) -> None:
    B = 4 * parts
    own, crossed = features(seed, B, 5), features(seed + 1, B, B, 5)
    negatives = torch.rand(B, B, generator=torch.Generator().manual_seed(seed)) < 0.5
    shares = [
        losses.cross_disentanglement(own, crossed[i : i + 4], negatives, first=i) for i in range(0, B, 4)
    ]
    agree(sum(shares), float(losses.cross_disentanglement(own, crossed, negatives)))


def test_cross_disentanglement_of_no_legal_negatives_is_zero() -> None:
    own, crossed = features(0, 2, 5), features(1, 2, 2, 5)
    assert float(losses.cross_disentanglement(own, crossed, torch.zeros(2, 2, dtype=torch.bool))) == 0.0


@given(seeds, batches)
def test_reconstruction_sees_real_frames_only(seed: int, B: int) -> None:
    motion, predicted = features(seed, B, 9, 4), features(seed + 1, B, 9, 4)
    length = torch.randint(1, 10, (B,), generator=torch.Generator().manual_seed(seed))
    mask = torch.arange(9) < length.unsqueeze(1)
    errors = [
        abs(float(motion[i, t, f] - predicted[i, t, f]))
        for i in range(B)
        for t in range(length[i])
        for f in range(4)
    ]
    agree(losses.reconstruction(predicted, motion, mask), sum(errors) / len(errors))
