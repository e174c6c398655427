"""No command destroys what it reads, what it did not write, or a result by the way it is printed."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from mate_hf.data.corpus import load_corpus, open_corpus
from mate_hf.data.preparation import prepare
from mate_hf.data.shards import prepare_shard
from mate_hf.data.synthetic import write_synthetic_corpus
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.model import save_model
from mate_hf.text.vocabulary import Vocabulary
from tests.cli.test_cli import Mate, mate
from tests.localization.tiny_retriever import make_retrieval_model
from tests.modeling.test_modeling_mate import tiny_model
from tests.tiny import CAPTIONS, make_corpus

__all__ = ["mate"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, text_encoders: dict[str, Path]) -> Path:
    """One of everything that commands read and write."""
    root = tmp_path_factory.mktemp("built")
    make_corpus(root / "corpora" / "raw", clips=6)
    prepare(root / "corpora" / "raw", root / "prepared")
    prepare_shard(root / "corpora" / "raw", root / "shard", "1/1", workers=1)
    write_synthetic_corpus(root / "synthetic", 20, progress=False)
    shutil.copytree(text_encoders["bert"], root / "encoder")
    make_retrieval_model(root / "encoder", root / "retrieval")
    (root / "retrieval" / "config.yaml").write_text("")
    model = tiny_model(root / "encoder")
    with torch.no_grad():
        model.text_encoder.get_input_embeddings().weight[1000] += 1
    save_model(
        model, model.state_dict(), model.tokenizer, Vocabulary.from_captions(CAPTIONS), root / "run" / "best"
    )
    shutil.copytree(root / "run" / "best", root / "run" / "last")
    (root / "run" / "checkpoints" / "step_00000001").mkdir(parents=True)
    (root / "run" / "results.json").write_text(json.dumps({"command": "", "history": []}))
    (root / "captions.txt").write_text("a man walks, then sits\n")
    np.save(root / "features.npy", np.load(next((root / "corpora" / "raw" / "new_joint_vecs").iterdir())))
    (root / "home").mkdir()
    (root / "home" / "thesis.tex").write_text("years")
    (root / "home" / "results.md").write_text("mine")
    (root / "plan.yaml").write_text(
        yaml.safe_dump({"config": "plan.yaml", "corpora": {"c": {"data": "x"}}, "arms": {"a": {}}})
    )
    return root


@pytest.fixture
def world(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, from which its names are relative."""
    shutil.copytree(built, tmp_path / "world")
    (tmp_path / "world" / "run" / "config.yaml").write_text(yaml.safe_dump({"text_encoder": "encoder"}))
    (tmp_path / "world" / "link").symlink_to("prepared")
    os.link(tmp_path / "world" / "features.npy", tmp_path / "world" / "same.npy")
    monkeypatch.chdir(tmp_path / "world")
    return tmp_path / "world"


def state(root: Path) -> dict[str, str]:
    """Every path below, with what is there."""
    return {
        str(path.relative_to(root)): os.readlink(path)
        if path.is_symlink()
        else "folder"
        if path.is_dir()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
    }


REFUSED = {
    "its corpus": "prepare corpora/raw corpora/raw",
    "a folder above its corpus": "prepare corpora/raw corpora",
    "everything": "prepare corpora/raw .",
    "a part of its corpus": "prepare corpora/raw corpora/raw/texts",
    "a prepared corpus that it reads": "prepare prepared prepared",
    "a corpus that it reads through a link": "prepare link prepared",
    "what a link stands for": "prepare corpora/raw link",
    "a home folder": "prepare corpora/raw home",
    "a file": "prepare corpora/raw captions.txt",
    "a home folder by the synthetic corpus": "prepare --synthetic home",
    "a run by the synthetic corpus": "prepare --synthetic run",
    "the corpus that is localized": "localize prepared --retrieval retrieval --out prepared",
    "the retrieval model": "localize prepared --retrieval retrieval --out retrieval",
    "the retrieval model itself": "localize prepared --retrieval retrieval --out retrieval/best",
    "the retrieval model's encoder": "localize prepared --retrieval retrieval --out encoder",
    "the run that is exported": "export run run",
    "the model that is exported": "export run run/best",
    "the run's other model": "export run run/last",
    "the run's checkpoints": "export run run/checkpoints",
    "the run of a model": "export run/best run",
    "a home folder by an export": "export run home",
    "the base encoder": "export run encoder",
    "captions": "decompose captions.txt --out captions.txt",
    "a folder by sub-texts": "decompose captions.txt --out home",
    "features": "features features.npy features.npy --inverse",
    "features under another name": "features features.npy same.npy --inverse",
    "features by joints": "convert features.npy same.npy",
    "a corpus by a file of joints": "features features.npy prepared --inverse",
    "the encoder that is compared": "compare encoder encoder --out encoder/config.json",
    "a run's results by a comparison": "compare run/best encoder --out run/best/config.json",
    "a folder by results": "compare encoder encoder --out home",
    "the corpus's report by results": "evaluate retrieval retrieval --data prepared --out prepared/report.json",
    "the truth": "evaluate localization retrieval --data synthetic --out synthetic/truth.jsonl",
    "the run's own results": "evaluate words run --data prepared --out run/results.json",
    "the run by results": "evaluate words run --data prepared --out run",
    "a list of ids": "evaluate generation --real corpora/raw --generated corpora/raw --texts corpora/raw/texts --evaluator run --ids "
    "captions.txt --out captions.txt",
    "a checkpoint": "convert-retrieval captions.txt captions.txt",
    "what holds a checkpoint": "convert-retrieval run/best .",
    "a checkpoint's statistics": "convert-evaluator captions.txt features.npy --mean features.npy --std features.npy",
}  # fmt: skip


@pytest.mark.parametrize("command", REFUSED.values(), ids=REFUSED)
def test_a_command_refuses_to_replace(mate: Mate, world: Path, command: str) -> None:
    before = state(world.parent)
    for flags in (["--overwrite"], []):
        done = mate(*command.split(), *flags)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("error: ")
        assert state(world.parent) == before, done.stderr
    said = "what is read|other things|is a link|is a file|is a folder|does not replace|belongs to|no results|holds no|exists already"
    assert any(part in done.stderr for part in said.split("|")), done.stderr


def test_tables_of_somebody_else_stay(mate: Mate, world: Path) -> None:
    before = state(world)
    done = mate("ablate", "plan.yaml", "--out", "home")
    assert done.returncode == 1
    assert "results.md exists already" in done.stderr
    assert state(world) == before


AGAIN = {
    "prepare": ("prepare corpora/raw out", "vocabulary.json"),
    "prepare --shard": ("prepare corpora/raw out --shard 1/2", "shard.json"),
    "join": ("join shard --out out", "vocabulary.json"),
    "prepare --synthetic": ("prepare --synthetic out --motions 20", "truth.jsonl"),
    "localize": ("localize prepared --retrieval retrieval --out out", "localization.json"),
    "export": ("export run out", "mate_export.json"),
    "export in the run": ("export run run/export", "mate_export.json"),
    "decompose": ("decompose captions.txt --out out", ""),
    "features": ("features features.npy out --inverse", ""),
}


@pytest.mark.parametrize(("command", "mark"), AGAIN.values(), ids=AGAIN)
def test_an_earlier_output_is_replaced_on_demand_alone(
    mate: Mate, world: Path, command: str, mark: str
) -> None:
    assert mate(*command.split()).returncode == 0
    before = state(world)
    again = mate(*command.split())
    assert again.returncode == 1
    assert "--overwrite" in again.stderr
    assert state(world) == before
    [out] = {word for word in command.split() if word in ("out", "run/export")}
    if mark:
        (world / out / "crumb").write_text("")
        assert (world / out / mark).is_file()
    else:
        (world / out).write_text("crumb")
    done = mate(*command.split(), "--overwrite")
    assert done.returncode == 0, done.stderr
    assert state(world).keys() == before.keys()
    assert (world / out).is_dir() or (world / out).read_bytes() != b"crumb"


def test_results_are_measured_again_without_a_flag(mate: Mate, world: Path) -> None:
    command = (
        "evaluate",
        "retrieval",
        "retrieval",
        "--data",
        "prepared",
        "--split",
        "train",
        "--out",
        "retrieval/r.json",
    )
    assert mate(*command).returncode == 0
    first = json.loads((world / "retrieval" / "r.json").read_text())
    (world / "retrieval" / "r.json").write_text(json.dumps({**first, "items": -1}))
    assert mate(*command).returncode == 0
    assert json.loads((world / "retrieval" / "r.json").read_text())["items"] == first["items"]
    done = mate(
        "evaluate", "words", "run", "--data", "prepared", "--split", "train", "--out", "retrieval/r.json"
    )
    assert done.returncode == 1
    assert "holds no results of `mate evaluate words`" in done.stderr


@pytest.mark.parametrize("read", [load_corpus, open_corpus, lambda path: RunFolder(path).model()])
def test_what_a_kill_set_aside_opens_again(world: Path, read: Callable[[Path], object]) -> None:
    folder = world / ("run" if read not in (load_corpus, open_corpus) else "prepared")
    part = folder / "best" if folder.name == "run" else folder
    nest = part.with_name(f".{part.name}.writing")
    (nest / "replaced").mkdir(parents=True)
    (nest / "lock").write_text("")
    part.rename(nest / "replaced" / part.name)
    read(folder)
    assert part.is_dir()
    assert not nest.exists()


@pytest.mark.parametrize(
    ("redirected", "code", "environment"),
    [
        ("| true", 141, {}),
        ("> /dev/full", 1, {}),
        ("> ascii", 0, {"PYTHONIOENCODING": "ascii"}),
    ],
)
def test_a_result_is_kept_however_it_is_read(
    world: Path, redirected: str, code: int, environment: dict[str, str]
) -> None:
    command = f"{shlex.quote(sys.executable)} -m mate_hf.cli compare encoder encoder --words 'left,[/b]' --out found.json {redirected}"
    done = subprocess.run(
        ["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}}"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == str(code), done.stderr
    assert "Traceback" not in done.stderr
    assert set(json.loads((world / "found.json").read_text())["neighbours"]) == {"left", "[/b]"}
    if redirected == "> ascii":
        assert "[/b]" in (world / "ascii").read_text("ascii")
