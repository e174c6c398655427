"""`mate generate`: files of motions, whole, and never over others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.errors import MateError
from mate_hf.generation import Generated, MotionPipeline
from mate_hf.generation.diffusion_actor import DiffusionActor
from mate_hf.generation.run import generate
from mate_hf.modeling import MDMConfig, MDMModel
from mate_hf.utils import nests
from tests.plotting.test_player import content


def test_each_motion_is_a_file(generator: Path, tmp_path: Path) -> None:
    called = CliRunner().invoke(
        app,
        [
            *("generate", "a person walks", "a person jumps", "--out", str(tmp_path / "x.npy")),
            *("--model", str(generator), "--seconds", "2", "--seconds", "3", "--num", "2", "--steps", "2"),
        ],
    )
    assert called.exit_code == 0, called.output
    files = [tmp_path / f"x_{number}.npy" for number in range(4)]
    assert [np.load(file).shape for file in files] == [(40, 22, 3)] * 2 + [(60, 22, 3)] * 2
    assert called.output.split()[-1] == str(files[-1])


def test_one_motion_keeps_the_name_and_what_stands_there_stays(generator: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.npy"
    generate("a person walks", out, generator, seconds=2, steps=1)
    before = out.read_bytes()
    with pytest.raises(MateError, match="exists already"):
        generate("a person walks", out, generator, seconds=2, steps=1, seed=1)
    assert out.read_bytes() == before
    generate("a person walks", out, generator, seconds=2, steps=1, seed=1, overwrite=True, features=True)
    assert np.load(out).shape == (40, 263)


def test_a_clip_is_edited_and_never_written_over(generator: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.npy"
    generate("a person walks", clip, generator, seconds=3, steps=2, features=True, guidance=1)
    [edited] = generate(
        "a person waves", tmp_path / "e.npy", generator, edit=clip, keep_frames="0:20", steps=2, features=True
    )
    np.testing.assert_allclose(np.load(edited)[:20], np.load(clip)[:20], atol=1e-4)
    with pytest.raises(MateError, match="what is read"):
        generate("a person waves", clip, generator, edit=clip, keep_frames="0:20", overwrite=True)


def test_how_well_a_clip_was_kept_is_said(
    generator: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip.npy"
    generate("a person walks", clip, generator, seconds=3, steps=2, features=True, guidance=1)
    generate("", tmp_path / "e.npy", generator, num=2, edit=clip, keep_frames="0:20", steps=2)
    said = " ".join(capsys.readouterr().err.split())
    for number in range(2):
        assert re.search(
            rf"motion {number}: what is given is kept to \S+ cm; jerk at its seams \d+ m/s\^3", said
        )
    generate("", tmp_path / "j.npy", generator, edit=clip, keep_joints="legs", steps=2)
    assert re.search(r"note: what is given is kept to \S+ cm\.", " ".join(capsys.readouterr().err.split()))


@pytest.mark.parametrize("ending", ["bvh", "glb"])
def test_motions_are_written_as_animations(generator: Path, tmp_path: Path, ending: str) -> None:
    files = generate(
        "a person walks", tmp_path / f"x.{ending}", generator, seconds=2, num=2, steps=1, guidance=0
    )
    assert [file.name for file in files] == [f"x_0.{ending}", f"x_1.{ending}"]
    begins = files[0].read_bytes()[:9]
    assert begins == b"HIERARCHY" if ending == "bvh" else begins[:4] == b"glTF"


def test_several_motions_are_one_page_that_shows_when_words_are_looked_at(
    generator: Path, tmp_path: Path
) -> None:
    said = ["a person walks", "a person jumps"]
    out = tmp_path / "x.html"
    assert generate(said, out, generator, seconds=2, steps=1) == [out]
    held = content(out.read_text())["motions"]
    assert [motion["title"] for motion in held] == said
    assert [motion["frames"] for motion in held] == [40, 40]
    assert held[0]["words"] == ["a", "person", "walks"]
    made = MotionPipeline.from_pretrained(generator)(said, 2, steps=1, return_attention=True)
    np.testing.assert_allclose(held[1]["peak"], made.attention[1][1].max(0), rtol=1e-4)
    assert generate(said[0], tmp_path / "x.gif", generator, seconds=1, steps=1) == [tmp_path / "x.gif"]


def test_a_generator_that_hears_sentences_alone_is_shown_without_words(
    pipe: MotionPipeline, tmp_path: Path
) -> None:
    assert pipe.hears_words
    MDMModel(MDMConfig(**{**pipe.model.config.to_dict(), "conditions": "sentence"})).save_pretrained(
        tmp_path / "deaf"
    )
    generate("a person walks", tmp_path / "x.html", tmp_path / "deaf", seconds=2, steps=1)
    [held] = content((tmp_path / "x.html").read_text())["motions"]
    assert held["words"] == []


def test_actions_one_after_another(generator: Path, tmp_path: Path) -> None:
    [file] = generate(
        ["a person walks", "a person sits"], tmp_path / "s.npy", generator, seconds=[2, 3], then=True, steps=1
    )
    assert np.load(file).shape == (100, 22, 3)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"out": "x.fbx"}, "expected .npy, .bvh or .glb, or of a picture .png"),
        ({"out": "x.gif", "num": 5}, "5 motions; expected 1 to 4"),
        ({"out": "x.png", "num": 2}, "a strip shows one"),
        ({"out": "x.bvh", "features": True}, "features are written as .npy"),
        ({"keep_frames": "0:3"}, "of what clip"),
        ({"edit": "c.npy", "seconds": 3.0}, "the clip's own length"),
        ({"edit": "none.npy", "keep_frames": "0:3"}, "not found"),
        ({"model": "/nowhere"}, "nowhere"),
        ({"num": 100_001}, "num: 100001 motions of 1 prompts; expected 1 to 100000"),
        ({"num": 10**8}, "num: 100000000 motions"),
        ({"num": 600, "seconds": 600.0}, "600 motions of 7200000 frames in all; expected at most 5000000"),
    ],
)
def test_what_does_not_fit_is_named(
    generator: Path, tmp_path: Path, settings: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MateError, match=said):
        generate("a person walks", **{"out": "x.npy", "model": generator, **settings})  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("out", "settings", "said"),
    [
        ("/proc/x.npy", {}, "cannot write /proc/x.npy"),
        ("file/x.npy", {}, "cannot write .*file/x.npy: .*Not a directory"),
        ("/proc/x.bvh", {"num": 2}, "cannot write /proc/x_0.bvh"),
        ("/proc/x.html", {}, "cannot write /proc/x.html"),
        ("y" * 233 + ".npy", {"num": 1001}, "a name of 241 bytes"),
        ("x.gif", {"seconds": 40.0}, "800 pictures; a GIF holds at most 600"),
        ("x.gif", {"seconds": 20.0, "then": True, "prompts": ["a", "b"]}, "800 pictures"),
    ],
)
def test_a_place_that_cannot_be_written_is_told_before_motions_are_made(
    generator: Path,
    tmp_path: Path,
    out: str,
    settings: dict[str, Any],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").touch()
    makes_none(monkeypatch)
    with pytest.raises(MateError, match=said):
        generate(**{"prompts": "a person walks", "out": tmp_path / out, "model": generator, **settings})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("ending", ["npy", "bvh", "glb", "html", "gif", "png"])
def test_of_two_that_write_one_place_the_second_makes_nothing(
    generator: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / f"x.{ending}"
    made = DiffusionActor.make

    def make(*asked: Any) -> Generated:
        makes_none(monkeypatch)
        monkeypatch.setattr(nests, "GRACE", 0.1)
        with pytest.raises(MateError, match=f"x.{ending} is being written by process"):
            generate("a person walks", out, generator, steps=1, guidance=1, overwrite=True)
        return made(*asked)

    monkeypatch.setattr(DiffusionActor, "make", make)
    generate("a person walks", out, generator, seconds=1, steps=1, guidance=1)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiffusionActor, "make", lambda *_: pytest.fail("motions were made in vain"))
