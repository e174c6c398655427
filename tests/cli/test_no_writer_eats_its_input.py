"""No command writes over what it reads, told to overwrite or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mate_hf.cli import app
from tests.tiny import make_corpus


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_corpus(tmp_path / "corpus", clips=2)
    (tmp_path / "captions.txt").write_text("a man walks, then sits\n")
    np.save(tmp_path / "motion.npy", np.zeros((8, 22, 3), np.float32))
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        "prepare corpus corpus --overwrite",
        "prepare corpus . --overwrite",
        "prepare corpus corpus --shard 1/2 --overwrite",
        "join corpus --out corpus --overwrite",
        "join other --data corpus --out corpus --overwrite",
        "localize corpus --retrieval run --shard 1/2 --out corpus --overwrite",
        "localize corpus --retrieval run --out corpus --overwrite",
        "localize org/data --retrieval corpus --out corpus --overwrite",
        "export corpus corpus --overwrite",
        "decompose captions.txt --out captions.txt",
        "features motion.npy motion.npy",
        "convert motion.npy motion.npy --overwrite",
        "convert-retrieval motion.npy motion.npy --text-encoder a --overwrite",
        "convert-evaluator captions.txt motion.npy --mean motion.npy --std motion.npy --overwrite",
    ],
)
def test_what_is_read_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.chdir(home)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    done = CliRunner().invoke(app, command.split())
    assert done.exit_code == 1, done.output
    assert "is, or holds, what is read" in " ".join(done.output.split())
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("command", ["prepare corpus home --overwrite", "export run home --overwrite"])
def test_a_folder_of_other_things_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    (home / "home").mkdir()
    (home / "home" / "thesis.tex").write_text("")
    monkeypatch.chdir(home)
    done = CliRunner().invoke(app, command.split())
    assert done.exit_code == 1
    assert "a folder of other things" in " ".join(done.output.split())
    assert (home / "home" / "thesis.tex").exists()
