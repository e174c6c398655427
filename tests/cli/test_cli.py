"""The commands as outsiders call them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mate_hf import cli
from tests.localization.tiny_retriever import make_retrieval_model
from tests.tiny import make_corpus


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def mate(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """`mate("prepare", ...)` as the shell would run it, in this process."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["mate", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capfd.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return run


Mate = Callable[..., Done]


COMMANDS = (
    "prepare",
    "join",
    "features",
    "convert",
    "decompose",
    "localize",
    "convert-retrieval",
    "train",
    "train-retrieval",
    "evaluate retrieval",
    "evaluate localization",
    "export",
    "compare",
    "push",
    "pull",
    "verify-client",
)


@pytest.mark.parametrize(
    "command", [[], *(name.split() for name in COMMANDS if not name.startswith("train"))]
)
def test_help_is_everywhere(mate: Mate, command: list[str]) -> None:
    done = mate(*command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_train_help_lists_the_knobs_of_the_script(mate: Mate) -> None:
    done = mate("train", "--help")
    assert done.returncode == 0
    for knob in ("--embedding_lr", "--tau", "--resume", "--max_steps", "--trainable"):
        assert knob in done.stdout


def test_a_failed_training_fails_the_command(mate: Mate, tmp_path: Path) -> None:
    done = mate("train", "--data", tmp_path / "nowhere", "--output_dir", tmp_path / "run")
    assert done.returncode == 1
    assert "nowhere" in done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["prepare"], r"missing argument '\[DATA\] OUT'\. `mate prepare --help` lists what it takes\."),
        (["nonsense"], r"no such command 'nonsense'\. `mate --help`"),
        # Newer versions of click name several, and quote an option.
        (["prepar"], r"Did you mean (one of: )?'prepare'"),
        (["export", "a", "b", "--nope"], r"no such option(: --nope| '--nope')\. `mate export --help`"),
        (["prepare", "--synthetic", "x", "--scale", "2"], r"--scale has no meaning with --synthetic\."),
        (["prepare", "--synthetic", "x", "--shard", "1/2"], r"--shard has no meaning with --synthetic\."),
        (["evaluate", "nonsense"], r"`mate evaluate --help`"),
    ],
)
def test_wrong_usage_is_2_with_the_reason_in_a_line(mate: Mate, command: list[str], said: str) -> None:
    done = mate(*command)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert re.search(said, line)


def test_a_group_called_alone_lists_its_commands(mate: Mate) -> None:
    done = mate("evaluate")
    assert done.returncode == 2
    assert "generation" in done.stderr + done.stdout


def test_failure_is_1_with_the_reason(mate: Mate, tmp_path: Path) -> None:
    done = mate("prepare", tmp_path / "nowhere", tmp_path / "out")
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_features_there_and_back(mate: Mate, tmp_path: Path) -> None:
    make_corpus(tmp_path / "corpus", clips=6)
    features = next((tmp_path / "corpus" / "new_joint_vecs").iterdir())
    assert mate("features", features, tmp_path / "joints.npy", "--inverse").returncode == 0
    joints = np.load(tmp_path / "joints.npy")
    assert joints.shape == (len(np.load(features)), 22, 3)
    assert mate("features", tmp_path / "joints.npy", tmp_path / "again.npy").returncode == 0
    assert np.load(tmp_path / "again.npy").shape == (len(joints) - 1, 263)
    wrong = mate("features", features, tmp_path / "x.npy")
    assert wrong.returncode == 1
    assert "expected joints" in wrong.stderr


def test_prepare_leaves_a_dataset_a_report_and_a_vocabulary(mate: Mate, tmp_path: Path) -> None:
    make_corpus(tmp_path / "corpus", clips=6)
    done = mate("--quiet", "prepare", tmp_path / "corpus", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert {"report.json", "vocabulary.json", "Mean.npy", "Std.npy"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    assert json.loads((tmp_path / "out" / "report.json").read_text())["kind"] == "humanml3d"


def test_decompose_keeps_order_and_says_what_it_did(mate: Mate, tmp_path: Path) -> None:
    captions = ["a man walks then sits", "left arm out, palm up", "after jumping, she bows"]
    (tmp_path / "captions.txt").write_text("\n".join(captions) + "\n", encoding="utf-8")
    done = mate("decompose", tmp_path / "captions.txt", "--out", tmp_path / "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [
        {"caption": captions[0], "sub_texts": ["a man walks", "sits"]},
        {"caption": captions[1], "sub_texts": [captions[1]]},
        {"caption": captions[2], "sub_texts": ["jumping", "she bows"]},
    ]
    assert "2 of several sub-texts (rules)" in done.stdout


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--backend", "gpt"], "rules, openai, local"),
        (["--backend", "openai"], "--model"),
        (["--backend", "local", "--model", "/nowhere/chat"], "/nowhere/chat"),
    ],
)
def test_a_backend_that_cannot_answer_is_refused_before_work(
    mate: Mate, tmp_path: Path, flags: list[str], named: str
) -> None:
    (tmp_path / "captions.txt").write_text("a man walks then sits\n", encoding="utf-8")
    done = mate("decompose", tmp_path / "captions.txt", "--out", tmp_path / "out.jsonl", *flags)
    assert done.returncode == 1
    assert named in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_localize_and_evaluate_from_a_folder(
    mate: Mate, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    folder, run, located = make_corpus(tmp_path / "corpus", clips=12), tmp_path / "run", tmp_path / "out"
    make_retrieval_model(text_encoders["distilbert"], run)
    done = mate("localize", folder, "--retrieval", run, "--out", located)
    assert done.returncode == 0, done.stderr
    assert "24 captions, 12 of several sub-texts" in done.stdout
    again = mate("localize", folder, "--retrieval", run, "--out", located)
    assert again.returncode == 1
    assert "--overwrite" in again.stderr
    done = mate(
        *("evaluate", "retrieval", run, "--data", located, "--split", "train", "--out", tmp_path / "r.json"),
        *("--sentence-encoder", text_encoders["bert"]),
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "r.json").read_text())
    assert results["items"] == 8
    assert "a" in results["protocols"]
    assert "b" in results["protocols"]


def test_env_names_the_versions_bug_reports_need(mate: Mate) -> None:
    versions = json.loads(mate("env").stdout)
    assert {"torch", "transformers", "mate-hf", "devices"} <= versions.keys()
