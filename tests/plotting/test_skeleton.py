"""The strip shows bodies as they stood: left is left, metres are metres, and the path is the root's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mate_hf.data.kinds import HUMANML3D, KIT, MotionKind
from mate_hf.errors import MateError
from mate_hf.plotting.skeleton import (
    LEFT,
    RIGHT,
    TRUNK,
    _bodies,
    _from_above,
    draw_body,
    facings,
    height_ticks,
    plot_strip,
    seen_from,
    side_of,
)


def standing(kind: MotionKind, frames: int = 40) -> np.ndarray:
    """A body with its left at +x that faces +z: a height for each joint, half a metre between its sides."""
    body = np.zeros((kind.joints, 3))
    for number, name in enumerate(kind.joint_names):
        body[number, 0] = {"left": 0.25, "right": -0.25, "trunk": 0.0}[side_of(name)]
        body[number, 1] = 1.6 if name == "head" else 1.4 if name == "neck" else 0.5
    return np.repeat(body[None], frames, 0)


def turned(motion: np.ndarray, angle: float) -> np.ndarray:
    """About y, from +z towards +x."""
    x, y, z = np.moveaxis(motion, -1, 0)
    return np.stack([x * np.cos(angle) + z * np.sin(angle), y, z * np.cos(angle) - x * np.sin(angle)], -1)


def axes() -> Any:
    from matplotlib.figure import Figure

    return Figure().subplots()


@pytest.mark.parametrize("kind", [HUMANML3D, KIT])
@pytest.mark.parametrize("angle", [0.0, 1.0, -2.5])
def test_facing_is_where_the_body_was_turned(kind: MotionKind, angle: float) -> None:
    assert facings(turned(standing(kind), angle), kind) == pytest.approx(angle)


def test_who_stands_before_a_body_sees_its_left_at_the_right() -> None:
    body = standing(HUMANML3D)[:1]
    left = HUMANML3D.joint("left_wrist")
    assert seen_from(body, 0.0)[0, left] == pytest.approx([0.25, 0.5, 0.0])
    assert seen_from(body, np.pi)[0, left] == pytest.approx([-0.25, 0.5, 0.0], abs=1e-12)
    # From its own left the left side is the nearer one.
    assert seen_from(body, np.pi / 2)[0, left] == pytest.approx([0.0, 0.5, 0.25], abs=1e-12)


def test_left_and_right_have_their_colours_and_the_nearer_is_drawn_over_the_farther() -> None:
    panel = axes()
    draw_body(panel, seen_from(standing(HUMANML3D)[:1], 0.5)[0], HUMANML3D)
    assert len(panel.lines) == HUMANML3D.joints - 1
    ends = {
        colour: [line.get_xdata()[1] for line in panel.lines if line.get_color() == colour]
        for colour in (LEFT, RIGHT, TRUNK)
    }
    assert min(ends[LEFT]) > 0 > max(ends[RIGHT])
    assert len(ends[LEFT]) == len(ends[RIGHT]) == 8
    order = {
        colour: [line.get_zorder() for line in panel.lines if line.get_color() == colour]
        for colour in (LEFT, RIGHT)
    }
    assert np.mean(order[LEFT]) > np.mean(order[RIGHT])
    [head] = panel.patches
    assert head.center[1] > 1.6


def test_bodies_stand_side_by_side_in_time_on_the_ground() -> None:
    motion = standing(HUMANML3D)
    motion[:, :, 2] += np.linspace(0, 9, len(motion))[:, None]
    panel = axes()
    _bodies(panel, seen_from(motion, np.pi / 2)[[0, 20, 39]], 1.0, np.array([0.0, 1.0, 1.95]), HUMANML3D)
    assert [label.get_text() for label in panel.get_xticklabels()] == ["1\n0.0 s", "2\n1.0 s", "3\n1.9 s"]
    heads = [patch.center for patch in panel.patches]
    assert [x for x, _ in heads] == pytest.approx([0.0, 1.0, 2.0])
    labels = panel.get_legend_handles_labels()[1]
    assert labels == ["left arm and leg", "right arm and leg"]


@pytest.mark.parametrize("angle", [0.0, 2.0])
def test_the_path_goes_up_the_page_where_the_body_first_faced(angle: float) -> None:
    """Two metres ahead, one to the right."""
    motion = standing(HUMANML3D)
    share = np.linspace(0, 1, len(motion))[:, None]
    motion[:, :, 2] += 2 * share
    motion[:, :, 0] -= share
    panel = axes()
    _from_above(panel, turned(motion, angle), np.array([0, 20, 39]), HUMANML3D)
    path = panel.lines[0].get_xydata()
    assert path[0] == pytest.approx([0, 0])
    assert path[-1] == pytest.approx([1, 2])
    assert [text.get_text() for text in panel.texts if text.get_text()] == ["1", "2", "3"]


def test_who_stays_in_place_is_marked_once() -> None:
    panel = axes()
    _from_above(panel, standing(HUMANML3D), np.array([0, 20, 39]), HUMANML3D)
    assert [text.get_text() for text in panel.texts if text.get_text()] == ["1"]


@pytest.mark.parametrize("kind", [HUMANML3D, KIT])
def test_a_file_is_written_whole(kind: MotionKind, tmp_path: Path) -> None:
    for frames in (1, 3, 60):
        out = plot_strip(standing(kind, frames), tmp_path / f"{frames}.png", "a person stands " * 20)
        assert out.read_bytes().startswith(b"\x89PNG")
    # Whatever a body is told is text, no formula.
    plot_strip(standing(kind), tmp_path / "money.png", r"pays $\frac{$")
    with pytest.raises(MateError, match="exists already"):
        plot_strip(standing(kind), tmp_path / "3.png")
    with pytest.raises(MateError, match=r"Choose \.png, \.svg or \.pdf"):
        plot_strip(standing(kind), tmp_path / "a.xyz")


def test_what_is_no_motion_is_named(tmp_path: Path) -> None:
    spoilt = standing(HUMANML3D)
    spoilt[3, 2] = np.nan
    for joints, said in (
        (spoilt, "all numbers finite"),
        (np.zeros((5, 22)), r"shape \(5, 22\)"),
        (np.zeros((5, 7, 3)), "7 joints; expected 22"),
    ):
        with pytest.raises(MateError, match=said):
            plot_strip(joints, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("top", [1.6, 9.9, 2e5, 1e38])
def test_a_glitch_to_the_clouds_has_few_ticks(top: float) -> None:
    ticks = height_ticks(top)
    assert len(ticks) <= 21
    assert ticks[1] == 0.5 or top > 10
