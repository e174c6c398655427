"""Measuring again replaces the same command's results, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mate_hf.errors import MateError
from mate_hf.utils.results import (
    COMPARED_OBEDIENCE,
    COMPARISON,
    GENERATION,
    LOCALIZATION,
    OBEDIENCE,
    RETRIEVAL,
    WORDS,
    Results,
    results_of,
)

ORIGIN = {"command": "", "commit": None, "data_hash": "f", "seed": 0, "versions": {}}
KNOWN: dict[str, dict[str, Any]] = {
    RETRIEVAL: {**ORIGIN, "split": "test", "metrics": {}, "protocols": {}},
    LOCALIZATION: {**ORIGIN, "split": "test", "unit_seconds": 0.5, "metrics": {}},
    WORDS: {**ORIGIN, "split": "test", "metrics": {"swaps": {}}},
    GENERATION: {**ORIGIN, "items": 1, "metrics": {}, "diversity_pairs": 3},
    OBEDIENCE: {**ORIGIN, "classes": {}, "told_apart": {}},
    COMPARED_OBEDIENCE: {**ORIGIN, "generators": [], "differences": []},
    COMPARISON: {"neighbours": {}, "pairs": []},
    "train": {**ORIGIN, "steps": 1, "history": []},
    "localize": {**ORIGIN, "unit_seconds": 0.5, "decomposition": {}},
}


@pytest.mark.parametrize(
    "command", [RETRIEVAL, LOCALIZATION, WORDS, GENERATION, OBEDIENCE, COMPARISON, COMPARED_OBEDIENCE]
)
def test_results_of_the_same_command_are_replaced_and_of_no_other(tmp_path: Path, command: str) -> None:
    for known, content in KNOWN.items():
        file = tmp_path / f"{known}.json"
        file.write_text(json.dumps(content))
        assert results_of(file) == known
        if known == command:
            assert Results(file, command).keep({"new": 1}) == {"new": 1}
            assert json.loads(file.read_text()) == {"new": 1}
            continue
        with pytest.raises(MateError, match=f"holds no results of `mate {command}`.*--overwrite"):
            Results(file, command)
        assert json.loads(file.read_text()) == content
        Results(file, command, overwrite=True)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"{}", b"[" * 100_000, b'{"metrics": []}'])
def test_files_of_others_stay(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(MateError, match="exists already"):
        Results(tmp_path / "a", WORDS)
    assert (tmp_path / "a").read_bytes() == content
    Results(tmp_path / "a", WORDS, overwrite=True).keep({"x": 1})
    assert json.loads((tmp_path / "a").read_text()) == {"x": 1}


def test_a_folder_is_no_place_for_results(tmp_path: Path) -> None:
    (tmp_path / "runs" / "best").mkdir(parents=True)
    with pytest.raises(MateError, match="is a folder"):
        Results(tmp_path / "runs", WORDS, overwrite=True)
    assert (tmp_path / "runs" / "best").is_dir()


def test_what_is_read_stays_whatever_is_asked(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name, kind in (("results.json", "train"), ("words.json", WORDS), ("retrieval.json", RETRIEVAL)):
        (run / name).write_text(json.dumps(KNOWN[kind]))
    (tmp_path / "truth.jsonl").write_text(json.dumps(KNOWN[WORDS]))
    reads = [run, tmp_path / "truth.jsonl", "some/hub-id", None]
    with pytest.raises(MateError, match="is, or holds, what is read"):
        Results(tmp_path / "truth.jsonl", WORDS, overwrite=True, reads=reads)
    with pytest.raises(MateError, match=r"belongs to .*run, which is read"):
        Results(run / "results.json", WORDS, overwrite=True, reads=reads)
    Results(run / "words.json", WORDS, reads=reads).keep({})
    Results(run / "new.json", WORDS, reads=reads).keep({})
    assert json.loads((run / "results.json").read_text()) == KNOWN["train"]


def test_what_is_written_there_meanwhile_stays(tmp_path: Path) -> None:
    kept = Results(tmp_path / "a.json", WORDS)
    (tmp_path / "a.json").write_text("mine")
    with pytest.raises(MateError, match="exists already"):
        kept.keep({})
    assert (tmp_path / "a.json").read_text() == "mine"


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Results(None, WORDS).keep({"x": 1}) == {"x": 1}
    assert not list(tmp_path.iterdir())
