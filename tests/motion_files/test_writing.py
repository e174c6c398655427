"""What is written by which ending, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mate_hf.data.kinds import HUMANML3D
from mate_hf.errors import MateError
from mate_hf.motion_files import Written, write_motion
from mate_hf.motion_files.solving import solve
from tests.motion_files.bodies import acted

STARTS = {".npy": b"\x93NUMPY", ".bvh": b"HIERARCHY\n", ".glb": b"glTF"}
ENDINGS = tuple(STARTS)


def test_npy_holds_the_joints_as_they_are(tmp_path: Path) -> None:
    assert write_motion(tmp_path / "a.npy", acted(0), 20) == Written(len(acted(0)), 20)
    found = np.load(tmp_path / "a.npy")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, acted(0).astype(np.float32))


@pytest.mark.parametrize("ending", [".bvh", ".glb"])
def test_it_says_how_far_joints_were_moved(tmp_path: Path, ending: str) -> None:
    joints = acted(0) + np.random.default_rng(0).normal(0, 0.01, acted(0).shape)
    written = write_motion(tmp_path / f"a{ending}", joints, 20)
    away = np.linalg.norm(solve(joints, HUMANML3D).positions() - joints, axis=-1) * 100
    assert written.mean_cm == pytest.approx(away.mean())
    assert written.max_cm == pytest.approx(away.max())
    assert f"{away.mean():.2f} cm (mean) and {away.max():.2f} cm (most)" in str(written)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("frames", [1, 2])
def test_short_motions_and_all_kinds_of_numbers(tmp_path: Path, ending: str, frames: int) -> None:
    joints = acted(0)[:frames]
    for number, kind in enumerate([np.float16, np.float32, np.float64]):
        written = write_motion(tmp_path / f"{number}{ending.upper()}", joints.astype(kind), 20)
        assert written.frames == frames
        assert (tmp_path / f"{number}{ending.upper()}").read_bytes().startswith(STARTS[ending])


def test_the_same_motion_gives_the_same_bytes(tmp_path: Path) -> None:
    for ending in ENDINGS:
        for name in ("a", "b"):
            write_motion(tmp_path / f"{name}{ending}", acted(0), 20)
        assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


def test_an_earlier_file_is_replaced_on_demand_alone_and_what_is_read_never(tmp_path: Path) -> None:
    for ending in ENDINGS:
        path = tmp_path / f"a{ending}"
        write_motion(path, acted(0), 20)
        before = path.read_bytes()
        with pytest.raises(MateError, match="exists already"):
            write_motion(path, acted(1), 20)
        with pytest.raises(MateError, match="is, or holds, what is read"):
            write_motion(path, acted(1), 20, overwrite=True, reads=[path])
        assert path.read_bytes() == before
        write_motion(path, acted(1), 20, overwrite=True)
        assert path.read_bytes() != before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.fbx", r"a\.fbx: the name ends in \.fbx; expected \.npy, \.bvh or \.glb"),
        ("a", r"a: the name has no ending; expected \.npy, \.bvh or \.glb"),
    ],
)
def test_another_ending_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(MateError, match=said):
        write_motion(tmp_path / name, acted(0), 20)
    assert not list(tmp_path.iterdir())


def broken(value: float) -> np.ndarray:
    joints = acted(0).copy()
    joints[7:9, 3, 1] = value
    return joints


@pytest.mark.parametrize(
    ("joints", "said"),
    [
        (broken(np.nan), "NaN or infinite numbers in 2 frames, first in frame 7"),
        (broken(np.inf), "NaN or infinite numbers in 2 frames"),
        (acted(0)[:0], "no frames; expected at least one"),
        (acted(0)[:, :20], "20 joints; expected 22"),
        (acted(0)[None], r"shape \(1, \d+, 22, 3\).*of one motion"),
        (acted(0)[..., :2], r"expected numbers \(frames, 22, 3\) or \(frames, 21, 3\)"),
        (np.full((3, 22, 3), "x"), "type <U1; expected numbers"),
        (acted(0) + 1e200, r"1e\+200 m away; expected the places of a human body"),
        (acted(0) * 1000, r"a bone of \d+ m; expected metres.*0\.001"),
    ],
)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_motion_is_refused(tmp_path: Path, joints: np.ndarray, said: str, ending: str) -> None:
    with pytest.raises(MateError, match=said):
        write_motion(tmp_path / f"a{ending}", joints, 20)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fps", [0, -1, np.nan, np.inf, 1e6])
def test_a_rate_that_is_none_is_refused(tmp_path: Path, fps: float) -> None:
    with pytest.raises(MateError, match=r"fps: .*expected frames per second"):
        write_motion(tmp_path / "a.bvh", acted(0), fps)
