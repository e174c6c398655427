"""The grid of appendix C."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.localization import unit_edges, unit_frames


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"),
    [(0.5, 20.0, 10), (0.5, 12.5, 6), (0.25, 20.0, 5), (0.75, 20.0, 15), (1.0, 12.5, 12), (0.15, 20.0, 3)],
)
def test_units_are_the_papers_frames(seconds: float, fps: float, frames: int) -> None:
    assert unit_frames(seconds, fps) == frames


@given(st.integers(1, 400), st.integers(1, 30))
def test_units_cover_the_motion_and_only_the_last_is_longer(frames: int, unit: int) -> None:
    edges = unit_edges(frames, unit).tolist()
    sizes = [end - start for start, end in pairwise(edges)]
    assert sum(sizes) == frames
    assert all(size == unit for size in sizes[:-1])
    assert sizes[-1] < 2 * unit
    assert sizes[-1] >= unit or len(sizes) == 1


def test_a_motion_without_frames_is_refused() -> None:
    with pytest.raises(MateError, match="0 frames"):
        unit_edges(0, 10)


def test_a_unit_below_a_frame_is_refused() -> None:
    with pytest.raises(MateError, match=r"0\.01 s at 20"):
        unit_frames(0.01, 20.0)


@pytest.mark.parametrize("seconds", [1e308, float("inf"), float("nan")])
def test_a_unit_without_end_is_refused(seconds: float) -> None:
    with pytest.raises(MateError, match=r"s at 20\.0 fps.*paper takes 0\.5 s"):
        unit_frames(seconds, 20.0)
