"""Against the field's own functions: MoMask 94a6636 (utils/metrics.py, as Guo et al. wrote it) on the same random features."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from mate_hf.errors import MateError
from mate_hf.evaluation.generation import (
    Gaussian,
    Matching,
    diversity,
    frechet_distance,
    interval,
    multimodality,
)

Features = np.ndarray

RECORDED = {
    "r_precision": [0.2604166666666667, 0.3984375, 0.5026041666666666],
    "mm_dist": 67.96281374877557,
    "fid": 25.59968930730122,
    "diversity": 29.755964172762287,
    "multimodality": 5.384676000707642,
}


@pytest.fixture(scope="module")
def features() -> tuple[Features, Features, Features, Features]:
    """Captions, real and generated motions (400,24); generations of 20 captions (20,30,24)."""
    random = np.random.RandomState(7)
    real = random.randn(400, 24) @ random.randn(24, 24)
    text = real + random.randn(400, 24) * 14
    generated = real * 0.8 + random.randn(400, 24) * 2 + 0.3
    return text, real, generated, random.randn(20, 30, 24)


def test_matching_is_the_fields(features: tuple[Features, ...]) -> None:
    text, _, generated, _ = features
    found = Matching().add_all(text, generated)
    assert found.pairs == 384
    assert found.r_precision == pytest.approx(RECORDED["r_precision"], abs=1e-12)
    assert found.mm_dist == pytest.approx(RECORDED["mm_dist"], rel=1e-12)


def test_frechet_distance_is_the_fields(features: tuple[Features, ...]) -> None:
    _, real, generated, _ = features
    found = frechet_distance(Gaussian().add(real), Gaussian().add(generated))
    assert found == pytest.approx(RECORDED["fid"], rel=1e-9)


def test_diversity_and_multimodality_draw_what_the_field_draws(features: tuple[Features, ...]) -> None:
    _, _, generated, generations = features
    assert diversity(generated, np.random.RandomState(3)) == pytest.approx(RECORDED["diversity"], rel=1e-12)
    assert multimodality(generations, np.random.RandomState(5)) == pytest.approx(
        RECORDED["multimodality"], rel=1e-12
    )


def test_interval_is_the_fields() -> None:
    found = interval([1.0, 2.0, 4.0, 5.0])
    assert (found.mean, found.repeats) == (3.0, 4)
    assert found.half_width == pytest.approx(1.96 * np.sqrt(2.5) / 2)
    assert str(found) == "3.000 ± 1.550"


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 12), st.integers(2, 40), st.integers(0, 10_000), st.booleans())
def test_frechet_distance_is_scipys_matrix_root(width: int, rows: int, seed: int, shifted: bool) -> None:
    random = np.random.default_rng(seed)
    first = random.normal(size=(width + rows, width)) @ random.normal(size=(width, width))
    second = random.normal(size=(width + rows + 3, width)) + (3.0 if shifted else 0.0)
    covariances = [np.cov(part, rowvar=False) for part in (first, second)]
    shift = first.mean(0) - second.mean(0)
    root = np.trace(linalg.sqrtm(covariances[0] @ covariances[1]).real)
    expected = shift @ shift + sum(np.trace(part) for part in covariances) - 2 * root
    found = frechet_distance(Gaussian().add(first), Gaussian().add(second))
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(0, 10_000))
def test_statistics_in_parts_are_those_of_the_whole(parts: list[int], seed: int) -> None:
    # Far from 0, where sums of squares would lose half their digits.
    whole = np.random.default_rng(seed).normal(size=(sum(parts) + 1, 5)) + 1e6
    streamed, start = Gaussian(), 0
    for size in [*parts, 1]:
        streamed.add(whole[start : start + size])
        start += size
    assert streamed.count == len(whole)
    assert streamed.mean == pytest.approx(whole.mean(0), rel=1e-12)
    assert streamed.covariance == pytest.approx(np.cov(whole, rowvar=False), rel=1e-6, abs=1e-8)


def test_singular_covariances_need_no_offset_and_are_announced() -> None:
    few = np.random.default_rng(0).normal(size=(5, 16))
    with pytest.warns(UserWarning, match=re.escape("FID from 5 motions of 16 features")):
        same = frechet_distance(Gaussian().add(few), Gaussian().add(few))
    assert same == pytest.approx(0.0, abs=1e-12)
    many = np.random.default_rng(0).normal(size=(17, 16))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frechet_distance(Gaussian().add(many), Gaussian().add(many))


def test_a_collapsed_generator_scores_chance_and_no_more() -> None:
    text = np.random.default_rng(0).normal(size=(64, 8))
    found = Matching().add_all(text, np.ones((64, 8)))
    assert found.r_precision == pytest.approx([1 / 32, 2 / 32, 3 / 32])
    assert diversity(np.ones((20, 8)), np.random.default_rng(0), pairs=10) == 0.0


def test_order_is_the_callers() -> None:
    random = np.random.default_rng(1)
    text, motion, order = random.normal(size=(70, 4)), random.normal(size=(70, 4)), random.permutation(70)
    found, expected = Matching().add_all(text, motion, order), Matching()
    for start in (0, 32):
        rows = order[start : start + 32]
        expected.add(text[rows], motion[rows])
    assert found.pairs == 64
    assert found.r_precision.tolist() == expected.r_precision.tolist()


def test_bad_input_is_named() -> None:
    ones = np.ones((32, 4))
    broken = ones.copy()
    broken[3, 2] = np.nan
    with pytest.raises(MateError, match="31 pairs; the field ranks 32 together"):
        Matching().add_all(ones[:31], ones[:31])
    with pytest.raises(MateError, match=re.escape("31 pairs in a batch of 32")):
        Matching().add(ones[:31], ones[:31])
    with pytest.raises(MateError, match=re.escape("(32, 4) and motion features (32, 3)")):
        Matching().add(ones, ones[:, :3])
    with pytest.raises(MateError, match="features of motions: 1 of 32 rows are not finite"):
        Matching().add(ones, broken)
    with pytest.raises(MateError, match="no batch was counted"):
        _ = Matching().r_precision
    with pytest.raises(MateError, match="real motions: 1 of 32 rows are not finite"):
        Gaussian("real motions").add(broken)
    with pytest.raises(MateError, match="width 3 after rows of width 4"):
        Gaussian().add(ones).add(ones[:, :3])
    with pytest.raises(MateError, match="1 rows; a covariance needs two"):
        frechet_distance(Gaussian().add(ones[:1]), Gaussian().add(ones))
    varied = np.arange(128.0).reshape(32, 4)
    with pytest.raises(MateError, match="are 4 wide, those of generated motions 3"):
        frechet_distance(Gaussian().add(varied), Gaussian("generated motions").add(varied[:, :3]))
    with pytest.raises(MateError, match="generated motions: all 32 rows are identical"):
        frechet_distance(Gaussian().add(varied), Gaussian("generated motions").add(ones))
    rounded = (3 + 1e-7 * np.random.default_rng(0).normal(size=(32, 4))).astype(np.float32)
    with pytest.raises(MateError, match="generated motions: all 32 rows are identical"):
        frechet_distance(Gaussian().add(varied), Gaussian("generated motions").add(rounded))
    with pytest.raises(MateError, match="Diversity: 300 motions; 300 pairs"):
        diversity(np.ones((300, 4)), np.random.default_rng(0))
    with pytest.raises(MateError, match="MultiModality: 10 generations"):
        multimodality(np.ones((3, 10, 4)), np.random.default_rng(0))
    with pytest.raises(MateError, match=r"shape \(3, 4\); expected \(captions, generations, width\)"):
        multimodality(np.ones((3, 4)), np.random.default_rng(0))
    with pytest.raises(MateError, match="no repeats"):
        interval([])
