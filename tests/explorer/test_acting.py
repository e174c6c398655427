"""Generators side by side: one noise, their own motions, files that other programs open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mate_hf.errors import MateError
from mate_hf.explorer.acting import act, open_generators, scene_of_acted
from mate_hf.explorer.opening import Explored
from mate_hf.utils.named_paths import named_path

PROMPT = "a person raises the left arm"


def test_all_begin_from_the_same_noise(explored: Explored) -> None:
    one, other = act(explored.generators, PROMPT, 2, 7)
    assert (one.name, other.name) == ("stock", "MATE")
    np.testing.assert_array_equal(one.joints, other.joints)
    pipe = explored.generators[0].pipe
    np.testing.assert_allclose(one.joints, pipe(PROMPT, 2.0, seed=7).joints[0], atol=1e-6)
    assert len(one.joints) == 40
    [again, _] = act(explored.generators, PROMPT, 2, 8)
    assert not np.allclose(one.joints, again.joints)
    scene = scene_of_acted([one, other])
    assert [motion.title for motion in scene.motions] == ["stock", "MATE"]
    assert scene.title == PROMPT
    assert list(scene.motions[0].attention.words) == PROMPT.split()  # type: ignore[union-attr]


def test_files_hold_the_motion(explored: Explored, tmp_path: Path) -> None:
    [one] = act(explored.generators[:1], PROMPT, 1, 0)
    assert one.bvh.startswith(b"HIERARCHY")
    assert b"Frames: 20" in one.bvh
    assert one.glb[:4] == b"glTF"


@pytest.mark.parametrize(
    ("seconds", "seed", "said"),
    [
        (0.5, 0, "Seconds are 0.5; expected 1 to 10"),
        (11, 0, "Seconds are 11"),
        (float("nan"), 0, "Seconds are nan"),
        (None, 0, "Seconds are None"),
        (2, -1, "The seed is -1"),
        (2, None, "The seed is None"),
        (2, 2**32, "The seed is 4294967296"),
    ],
)
def test_numbers_out_of_range_are_said(
    explored: Explored, seconds: float | None, seed: float | None, said: str
) -> None:
    with pytest.raises(MateError, match=said):
        list(act(explored.generators, PROMPT, seconds, seed))


def test_names_and_paths(generator: Path, tmp_path: Path) -> None:
    assert named_path("runs/generator_stock") == ("generator_stock", "runs/generator_stock")
    assert named_path("stock=runs/a=b") == ("stock", "runs/a=b")
    assert named_path("org/name") == ("name", "org/name")
    assert named_path("runs/a=b") == ("a=b", "runs/a=b")
    (tmp_path / "x=y").mkdir()
    assert named_path(str(tmp_path / "x=y"))[0] == "x=y"
    for wrong in ("=runs/a", "stock=", ""):
        with pytest.raises(MateError, match="expected a path, or NAME=PATH"):
            named_path(wrong)
    with pytest.raises(MateError, match="3 given; expected one, or 2"):
        open_generators(["a", "b", "c"])
    with pytest.raises(MateError, match="two are called a"):
        open_generators(["a=x", "a=y"])
    assert open_generators([]) == ()
    assert [one.name for one in open_generators([str(generator)])] == [generator.name]
