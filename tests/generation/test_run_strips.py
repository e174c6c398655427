"""`mate plot generation`: every generator's motion of every prompt is drawn, as `mate generate` would make it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.errors import MateError
from mate_hf.generation import run_strips
from mate_hf.generation.run import generate
from mate_hf.generation.run_strips import plot_generation
from mate_hf.plotting import generation
from mate_hf.plotting.generation import Made
from tests.plotting.pictures import kept_of

PROMPTS = ["a person walks", "a person turns <b>left</b> $x$"]


def test_strips_are_what_generators_make(
    generator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Made] = []
    monkeypatch.setattr(run_strips, "draw_generation", lambda made, fps, place: drawn.extend(made))
    given = [f"one={generator}", f"two={generator}"]
    plot_generation(PROMPTS, given, tmp_path / "x.png", seconds=2, seed=5)
    assert [(one.prompt, one.name) for one in drawn] == [
        (prompt, name) for prompt in PROMPTS for name in ("one", "two")
    ]
    files = generate(PROMPTS, tmp_path / "m.npy", generator, seconds=2, seed=5)
    for one, file in zip(drawn, [file for file in files for _ in range(2)], strict=True):
        np.testing.assert_allclose(one.joints, np.load(file), atol=1e-5)
    assert np.abs(drawn[0].joints - drawn[2].joints).max() > 1e-3


def test_each_strip_says_who_made_it_and_a_prompt_is_said_once(
    generator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = kept_of(generation, monkeypatch)
    plot_generation(PROMPTS, [f"one={generator}", f"two={generator}"], tmp_path / "x.png", seconds=1)
    titles = [text for text in kept.texts if text.startswith(("one", "two"))]
    assert titles == [f"one: {PROMPTS[0]}", "two", f"one: {PROMPTS[1]}", "two"]
    assert kept.texts.count("left arm and leg") == 1


def test_the_command_writes_a_picture_whole(generator: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    said = ["plot", "generation", PROMPTS[0], "--generator", str(generator), "--out", str(out)]
    called = CliRunner().invoke(app, [*said, "--seconds", "1"])
    assert called.exit_code == 0, called.output
    assert out.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]
    assert "exists already" in CliRunner().invoke(app, said).output


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generator": []}, "generator: none given"),
        ({"generator": ["a"] * 5}, "generator: 5 given; expected one, or 2 to 4"),
        ({"generator": ["a=x", "a=y"]}, "generator: two are called a"),
        ({"prompts": ["x"] * 25}, "prompts: 25 for 1 generators; expected 1 to 24"),
        ({"prompts": []}, "prompt: none"),
        ({"out": "x.gif"}, r"\.png"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_motions_are_made(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    asked = {"prompts": "x", "generator": ["nowhere"], "out": "x.png", **changes}
    with pytest.raises(MateError, match=message):
        plot_generation(asked["prompts"], asked["generator"], tmp_path / asked["out"])
