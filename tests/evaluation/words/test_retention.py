"""Retention, against loops over sentences and pairs."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.evaluation.words.retention import general_sentences, retention, retention_metrics
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.word_classes import class_of
from tests.tiny import minilm_folder

Rows = list[list[float]]


def cosine(first: list[float], second: list[float]) -> float:
    product = sum(a * b for a, b in zip(first, second, strict=True))
    return product / math.sqrt(sum(a * a for a in first) * sum(b * b for b in second))


def ranks(values: list[float]) -> list[float]:
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]


def spearman(first: list[float], second: list[float]) -> float:
    """Pearson's correlation of ranks, equal values sharing theirs."""
    one, other = ranks(first), ranks(second)
    middle = (len(one) + 1) / 2
    return cosine([rank - middle for rank in one], [rank - middle for rank in other])


def pair_cosines(features: Rows, rows: list[int]) -> list[float]:
    return [cosine(features[a], features[b]) for n, a in enumerate(rows) for b in rows[n + 1 :] if a != b]


def nearest(features: Rows, row: int) -> set[int]:
    others = [other for other in range(len(features)) if other != row]
    return set(sorted(others, key=lambda other: -cosine(features[row], features[other]))[:10])


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.integers(13, 16))
def test_numbers_are_those_of_loops(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    stock = random.normal(size=(count, 5))
    tuned = stock + 0.4 * random.normal(size=(count, 5)) + 0.2
    found = retention(stock, tuned, resamples=12, seed=7)
    one, other = stock.tolist(), tuned.tolist()
    own = [cosine(a, b) for a, b in zip(one, other, strict=True)]
    every = list(range(count))
    kept = [len(nearest(one, row) & nearest(other, row)) / 10 for row in every]
    units = [[value / math.sqrt(cosine_length(row)) for value in row] for row in (*one, *other)]
    moved = [[b - a for a, b in zip(units[row], units[count + row], strict=True)] for row in every]
    total = sum(cosine_length(row) for row in moved)
    shift = cosine_length([sum(column) / count for column in zip(*moved, strict=True)])
    expected = {
        "cosine": sum(own) / count,
        "cosine_p5": float(np.percentile(own, 5)),
        "rank_correlation": spearman(pair_cosines(one, every), pair_cosines(other, every)),
        "neighbours": 100 * sum(kept) / count,
        "common": 100 * count * shift / total,
    }
    assert found["sentences"] == count
    assert {name: found[name]["mean"] for name in expected} == pytest.approx(expected)
    drawn = np.random.default_rng(7).integers(count, size=(12, count)).tolist()
    for name, redo in (
        ("rank_correlation", lambda rows: spearman(pair_cosines(one, rows), pair_cosines(other, rows))),
        ("cosine", lambda rows: sum(own[row] for row in rows) / count),
        ("neighbours", lambda rows: 100 * sum(kept[row] for row in rows) / count),
    ):
        tails = np.percentile([redo(rows) for rows in drawn], [2.5, 97.5])
        assert (found[name]["low"], found[name]["high"]) == pytest.approx(tuple(tails))


def cosine_length(row: list[float]) -> float:
    """Squared length."""
    return sum(value * value for value in row)


def test_an_encoder_keeps_itself_whatever_its_features_lengths() -> None:
    stock = np.random.default_rng(0).normal(size=(20, 6))
    found = retention(stock, 3 * stock, resamples=5)
    for name, whole in (("cosine", 1), ("cosine_p5", 1), ("rank_correlation", 1), ("neighbours", 100)):
        assert (found[name]["mean"], found[name]["low"]) == pytest.approx((whole, whole))


def test_a_turned_space_keeps_every_relation_and_no_feature() -> None:
    random = np.random.default_rng(1)
    stock = random.normal(size=(30, 6))
    turn = np.linalg.qr(random.normal(size=(6, 6)))[0]
    found = retention(stock, stock @ turn, resamples=5)
    assert found["rank_correlation"]["mean"] == pytest.approx(1)
    assert found["neighbours"]["mean"] == 100
    assert found["cosine"]["mean"] < 0.9


def test_there_are_forty_topics_of_five_and_nobody_moves() -> None:
    groups = general_sentences()
    assert [len(group) for group in groups.values()] == [5] * 40
    texts = [text for group in groups.values() for text in group]
    assert len(set(texts)) == 200
    words = {surface_form(word) for text in texts for word, _, _ in find_words(text)}
    assert not {word for word in words if class_of(word) in ("motion", "direction", "speed")}


def test_pairs_are_alike_by_degrees() -> None:
    """In the stock encoder of the quickstart: paraphrases, then one topic, then two."""
    encoder = open_text_encoder(str(minilm_folder()))
    texts = [text for group in general_sentences().values() for text in group]
    features = encoder.sentence_features(texts).double().numpy()
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    near = features @ features.T
    of_degree: dict[str, list[float]] = {"same": [], "topic": [], "other": []}
    for one in range(200):
        for other in range(one):
            pair = {one % 5, other % 5}
            same = "same" if pair in ({0, 1}, {2, 3}) else "topic"
            of_degree[same if one // 5 == other // 5 else "other"].append(float(near[one, other]))
    means = {name: sum(values) / len(values) for name, values in of_degree.items()}
    assert len(of_degree["same"]) == 80
    assert means["same"] > means["topic"] + 0.5
    assert means["topic"] > means["other"] + 0.1


def test_the_built_in_sentences_are_read_by_both(text_encoders: dict[str, Path]) -> None:
    encoder = open_text_encoder(str(text_encoders["bert"]))
    found = retention_metrics(encoder, encoder)
    assert found["sentences"] == 200
    assert found["rank_correlation"]["mean"] == pytest.approx(1)
    assert found["common"]["mean"] == 0
