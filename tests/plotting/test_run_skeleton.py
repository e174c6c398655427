"""What is drawn is chosen by the ending, and what cannot be drawn is named in a line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.motion_features import joints_to_features
from mate_hf.errors import MateError
from mate_hf.plotting import run_skeleton
from mate_hf.plotting.run_skeleton import plot_skeleton
from tests.plotting.raising_body import raising
from tests.plotting.test_player import content, joints

HEADS = {
    ".png": b"\x89PNG",
    ".svg": b"<?xml",
    ".pdf": b"%PDF",
    ".gif": b"GIF89a",
    ".html": b"<!doctype html>",
}


@pytest.fixture
def arm(tmp_path: Path) -> Path:
    np.save(tmp_path / "arm.npy", raising(frames=20).astype(np.float32))
    return tmp_path / "arm.npy"


@pytest.mark.parametrize("ending", HEADS)
def test_every_ending(arm: Path, ending: str) -> None:
    out = arm.with_name(f"a{ending.upper()}")
    assert plot_skeleton(arm, out) == out
    assert out.read_bytes().startswith(HEADS[ending])
    with pytest.raises(MateError, match="exists already"):
        plot_skeleton(arm, out)
    plot_skeleton(arm, out, overwrite=True)


def test_files_and_arrays_joints_and_features_stand_side_by_side(arm: Path) -> None:
    body = raising(frames=20)
    features = joints_to_features(body, HUMANML3D)
    out = plot_skeleton([arm, body, features], arm.with_name("a.html"), ["one", "two", "three"], "heading")
    held = content(out.read_text())
    assert [each["title"] for each in held["motions"]] == ["one", "two", "three"]
    assert [each["frames"] for each in held["motions"]] == [20, 20, 19]
    for each in held["motions"]:
        np.testing.assert_allclose(joints(each), body[: each["frames"]], atol=2e-3)


def test_kit_is_drawn_in_metres(tmp_path: Path) -> None:
    """KIT-ML's own files are in millimetres of a body of one metre."""
    rng = np.random.default_rng(0)
    features = np.zeros((30, 251), np.float32)
    features[:, 3] = 500.0
    features[:, 4:64] = rng.normal(scale=250, size=60)
    out = plot_skeleton(features, tmp_path / "a.html")
    held = content(out.read_text())
    assert held["fps"] == 12.5
    assert joints(held["motions"][0])[0, 0, 1] == pytest.approx(0.5, abs=0.8)
    assert np.ptp(joints(held["motions"][0])) < 3


def test_one_frame_is_a_pose(arm: Path) -> None:
    for ending in HEADS:
        assert plot_skeleton(raising(frames=1), arm.with_name(f"pose{ending}")).exists()


def test_a_file_is_named_by_its_name_and_by_what_it_is_told(arm: Path) -> None:
    for flags, named in (([], "arm"), (["--title", "raises an arm"], "raises an arm")):
        out = arm.with_name("a.html")
        called = CliRunner().invoke(
            app, ["plot", "skeleton", str(arm), "--out", str(out), "--overwrite", *flags]
        )
        assert called.exit_code == 0, called.output
        assert called.output.split()[-1] == str(out)
        assert content(out.read_text())["motions"][0]["title"] == named


@pytest.mark.parametrize(
    ("count", "settings", "said"),
    [
        (1, {"out": "a.xyz"}, "ends in .xyz; expected .png, .svg, .pdf, .gif, .mp4 or .html"),
        (1, {"out": "a"}, "has no ending"),
        (5, {}, "5 motions; expected 1 to 4"),
        (2, {"out": "a.png"}, "a strip shows one.*.gif, .mp4 or .html"),
        (0, {}, "0 motions"),
        (2, {"title": "one"}, "title: 1 for 2 motions"),
        (1, {"motion": 3}, "holds 1, counted from 0"),
        (1, {"fps": -1.0}, "fps: -1"),
        (1, {"scale": 100.0}, "scale"),
    ],
)
def test_what_does_not_fit_is_named(arm: Path, count: int, settings: dict[str, object], said: str) -> None:
    out = arm.with_name(str(settings.pop("out", "a.html")))
    with pytest.raises(MateError, match=said):
        plot_skeleton([arm] * count, out, **settings)  # type: ignore[arg-type]
    assert [path.name for path in arm.parent.iterdir()] == ["arm.npy"]


def test_what_is_no_motion_is_named(tmp_path: Path) -> None:
    spoilt = raising()
    spoilt[7, 2] = np.nan
    for array, said in (
        (spoilt, r"motions\[0\]: NaN or infinite numbers in 1 frames, first in frame 7"),
        (np.zeros((5, 7, 3)), "7 joints; expected 22"),
        (np.zeros((5, 100)), "100 features; expected 263"),
        (np.zeros(5), "an array of shape"),
        (raising()[:0], "an array of shape"),
    ):
        with pytest.raises(MateError, match=said):
            plot_skeleton([array], tmp_path / "a.html")
    with pytest.raises(MateError, match="different skeletons"):
        plot_skeleton([raising(), _kit()], tmp_path / "a.html")
    with pytest.raises(MateError, match=r"nowhere\.npy: not found"):
        plot_skeleton(tmp_path / "nowhere.npy", tmp_path / "a.html")
    assert not list(tmp_path.iterdir())


def _kit() -> np.ndarray:
    features = np.zeros((30, 251), np.float32)
    features[:, 3] = 500.0
    features[:, 4:64] = np.random.default_rng(0).normal(scale=250, size=60)
    return features


def test_without_ffmpeg_a_gif_is_written_and_that_is_said(
    arm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_skeleton, "find_ffmpeg", lambda: None)
    out = plot_skeleton(arm, arm.with_name("a.mp4"))
    assert out == arm.with_name("a.gif")
    assert out.read_bytes().startswith(b"GIF89a")
    said = " ".join(capsys.readouterr().err.split())
    assert (
        "a.gif is written in place of a.mp4: MP4 needs ffmpeg. Install it: pip install 'mate-hf[video]'"
        in said
    )
    # What would be written is asked for, not what was named.
    with pytest.raises(MateError, match=r"a\.gif exists already"):
        plot_skeleton(arm, arm.with_name("a.mp4"))


def test_without_matplotlib_a_page_is_written_and_a_film_says_what_to_install(
    arm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MateError, match=r"pip install 'mate-hf\[plots\]'"):
        plot_skeleton(arm, arm.with_name("a.gif"))
    plot_skeleton(arm, arm.with_name("a.html"))
