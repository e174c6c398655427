"""`mate evaluate obedience` on a tiny generator: told from a file, written whole, the same again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.run_generator import obedience_of_generator
from mate_hf.generation import MotionPipeline
from tests.generation.conftest import generator

__all__ = ["generator"]

LINES = [
    {"prompt": "a person turns left", "class": "seen", "probe": "turn", "expected": 1, "seconds": 2.0}
    | {"counterpart": "a person turns right"},
    {
        "prompt": "a person pivots right",
        "class": "unseen word",
        "probe": "turn",
        "expected": -1,
        "seconds": 2.0,
    },
]


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    file = tmp_path / "prompts.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return file


def test_what_is_measured_is_written_and_shown(generator: Path, prompts: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    called = CliRunner().invoke(
        app,
        [
            "evaluate",
            "obedience",
            str(generator),
            "--prompts",
            str(prompts),
            "--out",
            str(out),
            "--steps",
            "2",
        ],
    )
    assert called.exit_code == 0, called.output
    found = json.loads(out.read_text())
    assert set(found["classes"]) == {"seen", "unseen word"}
    assert found["classes"]["seen"]["motions"] == 4
    assert "unseen word" in called.output
    again = obedience_of_generator(generator, prompts, steps=2)
    assert again["prompts"] == found["prompts"]
    other = obedience_of_generator(generator, prompts, steps=2, seed=1)
    assert other["prompts"] != found["prompts"]


def test_what_is_read_is_not_written_over(generator: Path, prompts: Path) -> None:
    with pytest.raises(MateError, match="what is read"):
        obedience_of_generator(generator, prompts, prompts, overwrite=True)


def test_any_seed_is_a_seed(generator: Path, prompts: Path) -> None:
    # What measurements count on to from 2**25 is a multiple of 2**32.
    seeds = [0, 2**25, 2**32 - 1]
    several = [obedience_of_generator(generator, prompts, per_prompt=1, steps=1, seed=seed) for seed in seeds]
    assert [found["seed"] for found in several] == seeds
    assert several[0]["prompts"] != several[1]["prompts"] != several[2]["prompts"]


@pytest.mark.parametrize("seconds", [0.01, 0.2])
def test_a_prompt_too_short_to_be_judged_is_named_with_its_line(
    generator: Path, prompts: Path, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts.write_text(
        "".join(json.dumps(line) + "\n" for line in (LINES[0], {**LINES[1], "seconds": seconds}))
    )
    monkeypatch.setattr(MotionPipeline, "__call__", lambda *_, **__: pytest.fail("motions were made in vain"))
    said = rf"prompts.jsonl, line 2: 'a person pivots right', field 'seconds' is {seconds}; expected 0\.25 or more"
    with pytest.raises(MateError, match=said):
        obedience_of_generator(generator, prompts)
