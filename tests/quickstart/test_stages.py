"""Stages are done once: what a call that was ended left is gone on with, and what reads something new is done again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.quickstart import stages as module
from mate_hf.quickstart.stages import LEDGER, RESULTS, Stages

Call = Callable[[Stages], None]


class Mate:
    """Stands in for the commands: writes what they would, remembers how they were called."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.fails_at: str | None = None

    def __call__(self, words: list[str]) -> int:
        self.calls.append(words)
        out = Path(words[words.index("--output_dir" if "--output_dir" in words else "--out") + 1])
        if words[0] == self.fails_at:
            (out / "checkpoints" / "step_00000001").mkdir(parents=True)
            return 3
        if words[0].startswith("train"):
            out.mkdir(exist_ok=True)
            out = out / "results.json"
        out.write_text("{}")
        return 0

    @property
    def names(self) -> list[str]:
        return [words[0] for words in self.calls]


@pytest.fixture
def mate(monkeypatch: pytest.MonkeyPatch) -> Mate:
    stand_in = Mate()
    monkeypatch.setattr(module, "_mate", stand_in)
    return stand_in


def three(root: Path, resume: bool = True, motions: int = 5) -> Stages:
    """Data, a training on them, and a measurement of the run; one other file."""
    data, run = root / "data", root / "run"
    stages = Stages(root, 4, resume)
    stages.run("data", "Make data", "prepare", "--motions", motions, "--out", data, makes=data)
    stages.run("train", "Train", "train", "--data", data, "--output_dir", run, makes=run)
    stages.run("score", "Measure", "evaluate", run, "--out", run / "score.json", makes=run / "score.json")
    stages.run("other", "Make another", "export", "--out", root / "other", makes=root / "other")
    return stages


def test_a_second_call_does_nothing_and_says_so(
    mate: Mate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = three(tmp_path / "a place with spaces")
    assert mate.names == ["prepare", "train", "evaluate", "export"]
    capsys.readouterr()
    again = three(tmp_path / "a place with spaces")
    assert len(mate.calls) == 4
    assert again.made == []
    assert again.seconds == first.seconds
    printed = capsys.readouterr().out
    assert printed.count("done already") == 4
    assert "4/4  Make another" in printed


def test_a_quickstart_that_replaces_does_all_of_it_again(mate: Mate, tmp_path: Path) -> None:
    three(tmp_path)
    three(tmp_path, resume=False)
    assert len(mate.calls) == 8
    assert mate.calls[5][-2:] == ["--overwrite", "true"]


def test_a_training_that_was_ended_goes_on(mate: Mate, tmp_path: Path) -> None:
    mate.fails_at = "train"
    with pytest.raises(SystemExit) as ended:
        three(tmp_path)
    assert ended.value.code == 3
    mate.fails_at = None
    three(tmp_path)
    assert mate.names == ["prepare", "train", "train", "evaluate", "export"]
    assert mate.calls[1][-2:] == ["--overwrite", "true"]
    assert mate.calls[2][-2:] == ["--resume", "last"]


@pytest.mark.parametrize("lost", ["data", "run/results.json", "run/score.json"])
def test_what_is_gone_is_made_again_with_what_reads_it(mate: Mate, tmp_path: Path, lost: str) -> None:
    three(tmp_path)
    (tmp_path / lost).unlink()
    three(tmp_path)
    expected = {
        "data": ["prepare", "train", "evaluate"],
        "run/results.json": ["train", "evaluate"],
        "run/score.json": ["evaluate"],
    }
    assert mate.names[4:] == expected[lost]


def test_a_training_on_new_data_begins_anew(mate: Mate, tmp_path: Path) -> None:
    mate.fails_at = "train"
    with pytest.raises(SystemExit):
        three(tmp_path)
    mate.fails_at = None
    three(tmp_path, motions=6)
    assert mate.names == ["prepare", "train", "prepare", "train", "evaluate", "export"]
    assert mate.calls[3][-2:] == ["--overwrite", "true"]


def test_a_folder_may_be_moved(mate: Mate, tmp_path: Path) -> None:
    three(tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    assert three(tmp_path / "there").made == []


def test_results_of_a_quickstart_without_a_ledger_say_that_it_was_done(mate: Mate, tmp_path: Path) -> None:
    three(tmp_path)
    (tmp_path / LEDGER).unlink()
    seconds = {"data": 1.0, "train": 2.0, "score": 3.0}
    (tmp_path / RESULTS).write_text(json.dumps({"seconds": seconds, "retrieval_training": {}, "changed": {}}))
    stages = three(tmp_path)
    assert mate.names[4:] == ["export"]
    assert {**seconds, "other": stages.seconds["other"]} == stages.seconds
    three(tmp_path)
    assert len(mate.calls) == 5


def test_a_damaged_ledger_is_named(mate: Mate, tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_text('{"data": 3}')
    with pytest.raises(MateError, match=r"stages\.json: stage data has no field 'command'. Remove it"):
        three(tmp_path)
