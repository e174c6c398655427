"""Spreads of an encoder's features: of each caption once, in double precision, and nothing blown up that says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.text.feature_statistics import feature_statistics
from mate_hf.text.text_features import TextFeatures


def features(tokens: list[np.ndarray], sentences: np.ndarray) -> TextFeatures:
    offsets = np.cumsum([0, *(len(part) for part in tokens)])
    rows = {f"caption {number}": number for number in range(len(tokens))}
    return TextFeatures(
        rows, np.concatenate(tokens).astype(np.float32), offsets, sentences.astype(np.float32)
    )


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 3.0, 1000.0]))
def test_they_are_those_of_all_rows(seed: int, away: float) -> None:
    random = np.random.default_rng(seed)
    tokens = [random.normal(away, 0.1, (length, 5)).astype(np.float32) for length in (3, 1, 6)]
    found = features(tokens, random.normal(away, 2, (3, 4)))
    statistics = feature_statistics(found, ["caption 0", "caption 1", "caption 2", "caption 0"])
    for (mean, std), rows in zip(statistics, (found.tokens, found.sentences), strict=True):
        wide = np.asarray(rows, dtype=np.float64)
        np.testing.assert_allclose(mean, wide.mean(0), rtol=1e-6)
        np.testing.assert_allclose(std, wide.std(0), rtol=1e-4)


def test_only_the_captions_that_are_named_count() -> None:
    random = np.random.default_rng(0)
    found = features(
        [random.normal(size=(4, 3)), random.normal(9, 9, size=(4, 3))], random.normal(size=(2, 2))
    )
    (mean, std), _ = feature_statistics(found, ["caption 0"])
    np.testing.assert_allclose(mean, found.tokens[:4].mean(0), rtol=1e-5)
    np.testing.assert_allclose(std, found.tokens[:4].std(0), rtol=1e-5)


def test_a_channel_that_never_changes_is_left_as_it_is() -> None:
    tokens = np.random.default_rng(0).normal(size=(6, 3))
    tokens[:, 1] = 0.1
    (_, std), (_, alone) = feature_statistics(features([tokens], np.ones((1, 2))), ["caption 0"])
    assert std[1] == pytest.approx(1)
    assert std[0] != 1
    assert alone.tolist() == [1, 1]
