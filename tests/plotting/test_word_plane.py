"""Two tables on one plane: near stays near, both start alike and lie alike, and the seed settles all of it."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mate_hf.errors import MateError
from mate_hf.plotting.word_plane import _start, _turned, lay_out

LIBRARIES = ["openTSNE", "sklearn"]


def clusters(seed: int = 0) -> np.ndarray:
    """Three directions, ten words around each."""
    random = np.random.default_rng(seed)
    return np.repeat(np.eye(3, 8), 10, axis=0) + 0.05 * random.normal(size=(30, 8))


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "openTSNE":
        pytest.importorskip("openTSNE")
    else:
        monkeypatch.setitem(sys.modules, "openTSNE", None)
    return str(request.param)


def test_words_of_one_direction_lie_together_and_the_library_is_named(library: str) -> None:
    # Lengths say nothing: of cosines alone.
    table = clusters() * np.linspace(0.2, 5, 30)[:, None]
    layout = lay_out(table)
    [plane] = layout.planes
    distances = np.linalg.norm(plane[:, None] - plane[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(1) // 10 == np.arange(30) // 10).all()
    said = {"openTSNE": "openTSNE", "sklearn": "scikit-learn; openTSNE is not installed"}[library]
    assert said in layout.method


def test_a_table_beside_itself_lies_as_it_does(library: str) -> None:
    first, second = lay_out(clusters(), clusters()).planes
    np.testing.assert_allclose(first, second, atol=1e-6)
    [again] = lay_out(clusters()).planes
    np.testing.assert_allclose(again, first, atol=1e-6)


def test_the_second_starts_where_the_first_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from mate_hf.plotting import word_plane

    starts = []

    def embed(rows: np.ndarray, start: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
        starts.append(start)
        return start

    monkeypatch.setattr(word_plane, "_library", lambda: ("none", embed))
    lay_out(clusters(0), clusters(1))
    np.testing.assert_array_equal(*starts)
    # Principal components by their definition: projections on the leading eigenvectors of the covariance.
    rows = clusters(0) / np.linalg.norm(clusters(0), axis=1, keepdims=True)
    vectors = np.linalg.eigh(np.cov(rows.T))[1][:, ::-1][:, :2]
    expected = (rows - rows.mean(0)) @ vectors
    cosines = (
        (expected * starts[0]).sum(0) / np.linalg.norm(expected, axis=0) / np.linalg.norm(starts[0], axis=0)
    )
    np.testing.assert_allclose(np.abs(cosines), 1, atol=1e-9)
    assert _start(rows)[:, 0].std() == pytest.approx(1e-4)


def test_a_plane_is_turned_towards_the_other_and_not_bent() -> None:
    plane = np.random.default_rng(0).normal(size=(20, 2))
    angle = 2.1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1, -1])
    np.testing.assert_allclose(_turned(plane @ turn + [3, 4], plane), plane - plane.mean(0), atol=1e-9)


def test_too_few_words_are_refused() -> None:
    with pytest.raises(MateError, match=r"4 words; a map needs 5"):
        lay_out(clusters()[:4])
