"""Retrieval numbers against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.retrieval.metrics import RANKS, chance_mean_recall, ranks_of_pairs, retrieval_metrics


@given(st.integers(2, 15), st.integers(0, 1000))
def test_ranks_and_recalls_by_hand(N: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    text, motion = random.normal(size=(N, 5)), random.normal(size=(N, 5))
    results = retrieval_metrics(torch.tensor(text), torch.tensor(motion))
    for way, (queries, items) in {"t2m": (text, motion), "m2t": (motion, text)}.items():
        ranks = []
        for i, query in enumerate(queries):
            scores = [query @ item / np.linalg.norm(query) / np.linalg.norm(item) for item in items]
            ranks.append(1 + sum(score > scores[i] for score in scores))
        for k in RANKS:
            assert results[f"{way}/R@{k}"] == pytest.approx(100 * np.mean([rank <= k for rank in ranks]))
        assert results[f"{way}/MedR"] == np.median(ranks)


def test_ties_take_their_mean_rank_so_a_constant_encoder_scores_chance() -> None:
    assert ranks_of_pairs(torch.ones(5, 5)).tolist() == [3.0] * 5


def test_chance_is_what_guessing_gives() -> None:
    assert chance_mean_recall(100) == pytest.approx(100 * np.mean([0.01, 0.02, 0.03, 0.05, 0.1]))
    assert chance_mean_recall(4) == pytest.approx(100 * np.mean([0.25, 0.5, 0.75, 1, 1]))
