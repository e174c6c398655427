"""Retrieval protocols against the original code's numbers, counting by hand, and what guessing gives."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.evaluation.protocols import dissimilar_subset, protocol_metrics, random_batches
from mate_hf.retrieval.metrics import RANKS

COLUMNS = [f"{way}/{name}" for way in ("t2m", "m2t") for name in (*(f"R@{k}" for k in RANKS), "MedR")]


class Items(NamedTuple):
    texts: Tensor
    motions: Tensor
    caption_similarity: Tensor
    ids: list[str]


def make_items(N: int, seed: int = 0, D: int = 6, noise: float = 1.5) -> Items:
    """Noisy pairs of which two in seven share their motion or their caption's features, and as many are paraphrases."""
    random = np.random.RandomState(seed)
    copies = 2 * N // 7
    motions = random.randn(N, D)
    texts = motions + noise * random.randn(N, D)
    captions = random.randn(N, D)
    motions[N - copies :] = motions[:copies]
    texts[N - copies : N - copies // 2] = texts[: copies - copies // 2]
    captions[:copies] = captions[N // 2 : N // 2 + copies] + 0.3 * random.randn(copies, D)
    captions /= np.linalg.norm(captions, axis=1, keepdims=True)
    ids = [f"{number:06d}" for number in random.permutation(N)]
    similarity = np.clip(captions @ captions.T, -1, 1)
    return Items(*(torch.tensor(array, dtype=torch.float32) for array in (texts, motions, similarity)), ids)


# `all_contrastive_metrics` of TMR 6d74688 on `make_items(70)`, unrounded, with its own batches; in COLUMNS' order.
# (c) with every other id, in reverse.
OF_TMR = {
    "a": "25.7143 28.5714 32.8571 42.8571 61.4286 8.5 18.5714 25.7143 28.5714 41.4286 54.2857 9",
    "b": "27.1429 31.4286 35.7143 44.2857 64.2857 8.5 20 28.5714 31.4286 45.7143 62.8571 7.25",
    "c": "42.8571 54.2857 60 65.7143 82.8571 2 31.4286 37.1429 48.5714 65.7143 80 4",
    "d": "28.125 37.5 50 56.25 75 3.875 25 37.5 48.4375 54.6875 73.4375 4.25",
}


@pytest.mark.parametrize("protocol", OF_TMR)
def test_numbers_are_those_that_published_tables_were_made_with(protocol: str) -> None:
    items = make_items(70)
    results = protocol_metrics(*items, dissimilar_ids=items.ids[::2][::-1])[protocol]
    recorded = map(float, OF_TMR[protocol].split())
    assert {name: results[name] for name in COLUMNS} == pytest.approx(
        dict(zip(COLUMNS, recorded, strict=True)), rel=1e-5
    )


def by_hand(queries: np.ndarray, answers: np.ndarray, hits: np.ndarray) -> dict[str, float]:
    positions = []
    for query, of_query in zip(queries, hits, strict=True):
        scores = [query @ item / np.linalg.norm(query) / np.linalg.norm(item) for item in answers]
        best = max(score for score, hit in zip(scores, of_query, strict=True) if hit)
        better = sum(score > best + 1e-9 for score in scores)
        equal = sum(abs(score - best) <= 1e-9 for score in scores)
        positions.append(np.mean([better + place for place in range(equal)]))
    recalls = {f"R@{k}": 100 * np.mean([position < k for position in positions]) for k in RANKS}
    return recalls | {"MedR": np.median(positions) + 1}


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 40), st.integers(0, 1000))
def test_all_and_paraphrase_protocols_by_hand(N: int, seed: int) -> None:
    items = make_items(N, seed)
    results = protocol_metrics(*items)
    texts, motions = items.texts.double().numpy(), items.motions.double().numpy()
    for protocol, hits in (("a", np.eye(N, dtype=bool)), ("b", items.caption_similarity.numpy() > 0.9)):
        for way, sides in (("t2m", (texts, motions)), ("m2t", (motions, texts))):
            expected = {f"{way}/{name}": value for name, value in by_hand(*sides, hits).items()}
            assert {name: results[protocol][name] for name in expected} == pytest.approx(expected)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 80), st.integers(0, 1000))
def test_the_order_of_the_items_changes_nothing(N: int, seed: int) -> None:
    items = make_items(N, seed)
    order = np.random.default_rng(seed).permutation(N)
    shuffled = protocol_metrics(
        items.texts[order],
        items.motions[order],
        items.caption_similarity[order][:, order],
        [items.ids[row] for row in order],
    )
    assert shuffled == protocol_metrics(*items)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 80), st.integers(0, 1000))
def test_recall_grows_with_k_and_paraphrases_only_add_hits(N: int, seed: int) -> None:
    results = protocol_metrics(*make_items(N, seed))
    for metrics in results.values():
        for prefix in ("t2m/R@", "m2t/R@", "chance_R@"):
            recalls = [metrics[f"{prefix}{k}"] for k in RANKS]
            assert recalls == sorted(recalls)
    assert all(results["b"][name] >= results["a"][name] for name in COLUMNS if "R@" in name)


def test_features_that_match_score_100() -> None:
    items = make_items(70)
    features = torch.randn(70, 16, generator=torch.Generator().manual_seed(0))
    for metrics in protocol_metrics(features, 3 * features, *items[2:]).values():
        assert {metrics[name] for name in COLUMNS if "R@" in name} == {100.0}
        assert metrics["t2m/MedR"] == metrics["m2t/MedR"] == 1
        assert metrics["mean_recall"] == 100


def test_chance_is_what_random_features_score_in_every_protocol() -> None:
    items, random = make_items(40), torch.Generator().manual_seed(0)
    names = [f"R@{k}" for k in RANKS]
    simulated: dict[str, list[list[float]]] = {protocol: [] for protocol in "abcd"}
    for _ in range(300):
        features = torch.randn(2, 40, 24, generator=random)
        results = protocol_metrics(*features, *items[2:], dissimilar_ids=items.ids[:20])
        for protocol, metrics in results.items():
            simulated[protocol].append(
                [(metrics[f"t2m/{name}"] + metrics[f"m2t/{name}"]) / 2 for name in names]
            )
    for protocol, scores in simulated.items():
        chance = [results[protocol][f"chance_{name}"] for name in names]
        assert np.mean(scores, axis=0) == pytest.approx(chance, abs=0.75), protocol
        assert results[protocol]["chance_mean_recall"] == pytest.approx(np.mean(chance))
    assert results["b"]["chance_R@1"] > 1.2 * results["a"]["chance_R@1"]


def test_items_that_were_scored_are_reported() -> None:
    def counts(N: int) -> list[float]:
        results = protocol_metrics(*make_items(N))
        return [*(results[protocol]["items"] for protocol in "abcd"), results["d"]["batches"]]

    assert counts(150) == [150, 150, 100, 128, 4]
    assert counts(20) == [20, 20, 20, 20, 1]


def test_batches_are_those_of_the_published_protocol() -> None:
    np.random.seed(0)
    shuffled = np.arange(100)
    np.random.shuffle(shuffled)
    assert random_batches(100) == shuffled[:96].reshape(3, 32).tolist()
    assert sorted(random_batches(31)[0]) == list(range(31))


@settings(deadline=None, max_examples=40)
@given(st.integers(4, 9), st.integers(2, 4), st.integers(0, 1000))
def test_dissimilar_captions_are_near_the_best_choice(N: int, size: int, seed: int) -> None:
    similarity = make_items(N, seed).caption_similarity

    def alike(rows: tuple[int, ...] | list[int]) -> float:
        return float(sum(similarity[i, j] for i, j in combinations(rows, 2)))

    chosen = dissimilar_subset(similarity, size)
    assert len(chosen) == size
    sums = sorted(alike(rows) for rows in combinations(range(N), size))
    # No single exchange improves it, and it beats nearly every other choice.
    for leaves in chosen:
        for enters in set(range(N)) - set(chosen):
            assert alike([*(set(chosen) - {leaves}), enters]) >= alike(chosen) - 1e-5
    assert alike(chosen) <= np.median(sums) + 1e-5


def test_no_topic_comes_twice_among_the_dissimilar_while_another_is_left() -> None:
    topics = torch.eye(30).repeat(5, 1)
    assert {row % 30 for row in dissimilar_subset(topics @ topics.T, 30)} == set(range(30))
    assert dissimilar_subset(topics @ topics.T, 30) == list(range(30))


def test_protocols_that_need_captions_are_left_out_without_them() -> None:
    items = make_items(40)
    assert set(protocol_metrics(items.texts, items.motions, None, items.ids)) == {"a", "d"}
    listed = protocol_metrics(items.texts, items.motions, None, items.ids, [*items.ids[:7], "elsewhere"])
    assert set(listed) == {"a", "c", "d"}
    assert listed["c"]["items"] == 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": ["000001"] * 40}, "1 different"),
        ({"ids": [*make_items(40).ids, "000001"]}, "41 names, 40 different"),
        ({"caption_similarity": torch.eye(39)}, r"\(39, 39\)"),
        ({"caption_similarity": torch.zeros(40, 40)}, "not like itself"),
        (
            {
                "caption_similarity": torch.eye(40).index_put(
                    (torch.tensor(3), torch.tensor(7)), torch.tensor(torch.nan)
                )
            },
            "1 of 40 rows",
        ),
        ({"dissimilar_ids": ["elsewhere"]}, "none of the 1 ids"),
        ({"motions": torch.ones(39, 6)}, r"\(39, 6\)"),
        ({"texts": torch.full((40, 6), torch.nan)}, "40 of 40 rows of the text features"),
    ],
)
def test_input_that_cannot_be_scored_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(MateError, match=message):
        protocol_metrics(**make_items(40)._asdict() | change)
