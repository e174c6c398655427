"""A generator that was pushed opens by its name alone, with the encoder it was trained with."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.errors import MateError
from mate_hf.generation import MotionPipeline
from mate_hf.hub.push import pull, push
from tests.generation.conftest import generator, masked_generator
from tests.hub.hub_server import Hub, Repository
from tests.trained_runs import Trained

__all__ = ["generator", "masked_generator"]
NAME, ENCODER = "motion/walker", "stock/tiny-bert"


@pytest.fixture
def run(generator: Path, tmp_path: Path) -> Path:
    """A run that was trained, on paper."""
    folder = tmp_path / "run"
    shutil.copytree(generator, folder / "best")
    (folder / "config.yaml").write_text(
        yaml.safe_dump({"data": "/home/me/humanml3d", "epochs": 7, "seed": 3})
    )
    recorded = {
        "command": "mate train-generator",
        "commit": "c0ffee",
        "data_hash": "f" * 64,
        "seed": 3,
        "versions": {"torch": "2.13"},
        "steps": 321,
        "best": {"loss": 0.1234},
        "history": [],
    }
    (folder / "results.json").write_text(json.dumps(recorded))
    return folder


def acted(pipe: MotionPipeline) -> Any:
    return pipe("a person walks", seconds=2, steps=2).features[0]


def files_of(hub: Hub, name: str = NAME) -> dict[str, bytes]:
    return hub.repositories[name].branches["main"]


def stand_on(hub: Hub, name: str, folder: Path) -> None:
    """An encoder folder as a repository that somebody else pushed."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    hub.repositories[name] = Repository(branches={"main": files})


def test_a_local_encoder_travels_with_its_generator(
    hub: Hub, run: Path, tmp_path: Path, text_encoders: dict[str, Path]
) -> None:
    assert push(run, NAME) == f"{hub.endpoint}/{NAME}"
    assert hub.commits == 1
    before = acted(MotionPipeline.from_pretrained(run))
    pipe = MotionPipeline.from_pretrained(NAME)
    assert "text_encoder" in str(pipe.encoder.name)
    np.testing.assert_array_equal(acted(pipe), before)
    called = CliRunner().invoke(
        app, ["generate", "a person walks", "--model", NAME, "--out", str(tmp_path / "w.npy"), "--steps", "2"]
    )
    assert called.exit_code == 0, called.output
    assert np.load(tmp_path / "w.npy").shape == (120, 22, 3)
    pulled = pull(NAME, tmp_path / "pulled")
    np.testing.assert_array_equal(acted(MotionPipeline.from_pretrained(pulled)), before)
    # Where things lay on this machine is nobody's business.
    for name, content in files_of(hub).items():
        assert str(text_encoders["bert"]).encode() not in content, name
    assert not [name for name in files_of(hub) if name.endswith(".py")]


def test_an_encoder_on_the_hub_stays_there_at_the_commit_that_was_opened(
    hub: Hub, run: Path, text_encoders: dict[str, Path]
) -> None:
    stand_on(hub, ENCODER, text_encoders["bert"])
    then = hub.repositories[ENCODER].sha("main")
    push(run, NAME, base=ENCODER)
    assert not [name for name in files_of(hub) if name.startswith("text_encoder")]
    config = json.loads(files_of(hub)["config.json"])
    assert (config["text_encoder"], config["text_revision"]) == (ENCODER, then)
    pipe = MotionPipeline.from_pretrained(NAME)
    assert pipe.encoder.name == ENCODER
    np.testing.assert_array_equal(acted(pipe), acted(MotionPipeline.from_pretrained(run)))
    card = files_of(hub)["README.md"].decode()
    assert f"fetched from [{ENCODER}](https://huggingface.co/{ENCODER})" in card
    assert then in card


def test_another_encoder_is_not_pushed_with_it(hub: Hub, run: Path, trained: Trained, tmp_path: Path) -> None:
    from mate_hf.exports import export

    export(trained("bert"), tmp_path / "tuned")
    with pytest.raises(MateError, match="is not the one that the generator"):
        push(run, NAME, base=str(tmp_path / "tuned"))
    with pytest.raises(MateError, match="format adapter: of encoders"):
        push(run, NAME, format="adapter")
    assert not hub.repositories


def test_an_encoder_and_a_generator_take_each_others_place(hub: Hub, run: Path, trained: Trained) -> None:
    """What is left of the other would open in its place."""
    push(trained("bert"), NAME)
    assert "vocab.txt" in files_of(hub) or "tokenizer.json" in files_of(hub)
    push(run, NAME, replace_card=True)
    files = files_of(hub)
    known = {*json.loads(files["mate_export.json"])["files"], "mate_export.json", "README.md"}
    assert set(files) == known
    MotionPipeline.from_pretrained(NAME)
    push(trained("bert"), NAME)
    assert not [name for name in files_of(hub) if name.startswith(("text_encoder", "motion.png"))]


def test_the_card_says_what_the_run_recorded_and_shows_a_motion(hub: Hub, run: Path) -> None:
    push(run, NAME, prompt="a person waves *wildly*")
    card, files = files_of(hub)["README.md"].decode(), files_of(hub)
    assert files["motion.png"].startswith(b"\x89PNG")
    for part in (
        "](motion.png)",
        r"a person waves \*wildly\*",
        f'MotionPipeline.from_pretrained("{NAME}")',
        f"--model {NAME}",
        "`tiny_bert`",
        "| data | `humanml3d` |",
        "| epochs | `7` |",
        "| steps | 321 |",
        "| validation loss | 0.1234 |",
        "| guidance | 1.5 |",
        "f" * 64,
    ):
        assert part in card
    assert not re.search(r"\{\{|\}\}|\{%|None\b", card)
    assert "## Results" not in card
    assert ModelCard(card).data.library_name == "mate-hf"
    assert "/home/me" not in card


def test_the_card_has_the_evaluations(hub: Hub, run: Path, tmp_path: Path) -> None:
    from mate_hf.evaluation.obedience.run_generator import obedience_of_generator

    lines = [
        {"prompt": "a person turns left", "class": "seen", "probe": "turn", "expected": 1, "seconds": 2.0}
        | {"counterpart": "a person turns right"}
    ]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = obedience_of_generator(run, tmp_path / "prompts.jsonl", run / "obedience.json", steps=2)
    spread = {"mean": 1.2345, "half_width": 0.0211}
    measured = {
        **{name: found[name] for name in ("command", "commit", "data_hash", "seed", "versions")},
        "items": 40,
        "metrics": {"generated": {"FID": spread, "MM-Dist": spread}, "real": {"MM-Dist": spread}},
    }
    (tmp_path / "g.json").write_text(json.dumps(measured))
    push(run, NAME, results=[tmp_path / "g.json"])
    card = files_of(hub)["README.md"].decode()
    obeyed = found["classes"]["seen"]
    assert (
        f"| seen | all | 1 | 4 | {obeyed['mean']:.1f} | {obeyed['low']:.1f} to {obeyed['high']:.1f} |" in card
    )
    assert "| FID | 1.234 ± 0.021 |  |" in card
    assert "| MM-Dist | 1.234 ± 0.021 | 1.234 ± 0.021 |" in card
    entries = {entry.metric_name: entry.metric_value for entry in ModelCard(card).data.eval_results}
    assert entries == {"obedience, seen": round(obeyed["mean"], 2), "FID": 1.23, "MM-Dist": 1.23}


def test_without_matplotlib_a_generator_goes_without_its_picture(
    hub: Hub, run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    push(run, NAME)
    assert "motion.png" not in files_of(hub)
    assert "motion.png" not in files_of(hub)["README.md"].decode()
    assert "no picture on the card: pictures need matplotlib" in "".join(capsys.readouterr())


def test_what_a_run_says_of_itself_is_text_on_the_card(hub: Hub, run: Path) -> None:
    hostile = "x`\n\n# Owned\n<img src=x onerror=1>|y"
    results = json.loads((run / "results.json").read_text())
    results |= dict.fromkeys(("command", "commit", "data_hash", "steps"), hostile)
    results |= {"versions": {hostile: hostile}, "best": {"loss": hostile}}
    (run / "results.json").write_text(json.dumps(results))
    settings = {"data": f"a/{hostile.replace('/', '')}", "seed": hostile, "prediction": hostile}
    (run / "config.yaml").write_text(yaml.safe_dump(settings))
    share = {"mean": 1.0, "low": None, "high": None, "prompts": 1, "motions": 1}
    obedience = {
        **{name: results[name] for name in ("command", "commit", "data_hash")},
        **{"steps": 10, "guidance": 2.5, "per_prompt": 1},
        "classes": {hostile: share},
        "probes": {hostile: {hostile: share}},
        "told_apart": {hostile: share},
        "quality": {"generated": dict.fromkeys(("skating", "sliding", "jerk"), share)},
    }
    (run / "obedience.json").write_text(json.dumps(obedience))
    push(run, NAME, prompt=hostile)
    _, header, body = files_of(hub)["README.md"].decode().split("---\n", 2)
    assert yaml.safe_load(header)["library_name"] == "mate-hf"
    page = MarkdownIt("commonmark").enable("table").render(body)
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["walker"]
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=1&gt;|y") >= 12
    for table in re.findall(r"<table>.*?</table>", page, re.S):
        cells = [len(re.findall("<t[hd]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.S)]
        assert len(set(cells)) == 1


def test_a_masked_generator_travels_with_its_vq_vae(hub: Hub, masked_generator: Path, tmp_path: Path) -> None:
    shutil.copytree(masked_generator, tmp_path / "run" / "best")
    push(tmp_path / "run", NAME)
    before = acted(MotionPipeline.from_pretrained(masked_generator))
    np.testing.assert_array_equal(acted(MotionPipeline.from_pretrained(NAME)), before)
    pulled = pull(NAME, tmp_path / "pulled")
    assert (pulled / "vq" / "model.safetensors").is_file()
    np.testing.assert_array_equal(acted(MotionPipeline.from_pretrained(pulled)), before)
    card = files_of(hub)["README.md"].decode()
    assert "| guidance | 1.5 |" in card
    assert "solver" not in card
