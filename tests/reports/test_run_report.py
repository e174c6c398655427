"""A report is one page that asks nothing of anybody; what is missing is said, and foreign text is text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.errors import MateError
from mate_hf.plotting.player import digests_of_player
from mate_hf.reports.numbers import of_share, read_numbers
from mate_hf.reports.run_report import report
from tests.read_pages import Read

HOSTILE = '<script>alert(1)</script>"&\x1b[31m'


def source(command: str) -> dict[str, Any]:
    return {"command": command, "commit": None, "data_hash": "abc", "seed": 0, "versions": {"torch": "2"}}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that was measured, without its weights."""
    folder = tmp_path / "mate"
    folder.mkdir()
    (folder / "config.yaml").write_text(json.dumps({"text_encoder": HOSTILE, "data": "d", "seed": 0}))
    (folder / "results.json").write_text(json.dumps({**source(f"mate train {HOSTILE}"), "steps": 7}))
    (folder / "log.jsonl").write_text('{"step": 1, "train/loss": 2.0}\n{"step": 2, "train/loss": 1.0}\n')
    scores = {f"{way}/R@{rank}": 50.0 for way in ("t2m", "m2t") for rank in (1, 5)}
    protocols = {"a": {**scores, "items": 100, "chance_R@1": 1.0}}
    (folder / "retrieval.json").write_text(
        json.dumps({**source(f"mate evaluate retrieval {HOSTILE}"), "protocols": protocols})
    )
    return folder


def test_it_holds_what_is_there_and_says_what_is_not(run: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", str(run), "--out", str(tmp_path / "r.html")])
    assert done.exit_code == 0, done.output
    page = Read((tmp_path / "r.html").read_text())
    # Wilson's interval of 50 of 100, from its formula.
    z = 1.959964**2 / 100
    half = (z * (0.25 + z / 4)) ** 0.5 / (1 + z)
    assert f"50.0 % ({100 * (0.5 - half):.1f} to {100 * (0.5 + half):.1f})" in page.text
    assert "1.0 % by chance" in page.text
    assert "mate train" in page.text
    [place] = [number for number, (tag, _) in enumerate(page.tags) if tag == "img"]
    # On a phone it is wider than the page, and is moved by finger or arrow keys.
    assert page.tags[place - 1] == ("div", {"class": "wide", "tabindex": "0"})
    left_out = page.text.partition("Left out")[2]
    for said in (
        "Pictures of words",
        "no trained model",
        "no corpus was named (--data)",
        "Motions that play",
    ):
        assert said in left_out
    assert "Curves" not in left_out


def test_nothing_in_it_is_run_or_asked_for(run: Path, tmp_path: Path) -> None:
    written = report(run, tmp_path / "r.html").read_text()
    page = Read(written)
    assert page.of("script") == []
    assert HOSTILE.replace("\x1b", "^[") in page.text
    assert "\x1b" not in written
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:"), tag
    [policy] = [meta["content"] for meta in page.of("meta") if meta.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?:|unsafe|\*", policy)
    for digest in digests_of_player():
        assert digest in policy


def test_motions_of_a_corpus_play_in_a_frame_of_their_own(run: Path, tmp_path: Path) -> None:
    from mate_hf.data.preparation import prepare
    from tests.tiny import make_corpus

    prepare(str(make_corpus(tmp_path / "folder")), tmp_path / "prepared")
    page = Read(report(run, tmp_path / "r.html", data=str(tmp_path / "prepared")).read_text())
    [frame] = page.of("iframe")
    assert frame["sandbox"] == "allow-scripts"
    assert 'type="application/json"' in (frame["srcdoc"] or "")
    assert "no sub-texts and segments" in page.text.partition("Left out")[2]


def test_what_is_no_run_no_result_or_no_page_is_refused(run: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    (tmp_path / "none").mkdir()
    for given, said in (
        ({"run": tmp_path / "none", "out": tmp_path / "r.html"}, "no config.yaml or results.json"),
        ({"run": run, "out": tmp_path / "r.pdf"}, "ends in .html"),
        ({"run": run, "out": tmp_path / "r.html", "results": [tmp_path / "x.json"]}, "of no such command"),
    ):
        with pytest.raises(MateError, match=re.escape(said)):
            report(**given)  # type: ignore[arg-type]
    assert not (tmp_path / "r.html").exists()
    report(run, tmp_path / "r.html")
    with pytest.raises(MateError, match="exists"):
        report(run, tmp_path / "r.html")
    report(run, tmp_path / "r.html", overwrite=True)


def test_half_a_results_file_is_an_error(run: Path) -> None:
    file = run / "retrieval.json"
    content = json.loads(file.read_text())
    del content["protocols"]["a"]["items"]
    file.write_text(json.dumps(content))
    with pytest.raises(MateError, match="not what was written there"):
        read_numbers(file)
    content["protocols"]["a"]["items"] = float("inf")
    file.write_text(json.dumps(content))
    with pytest.raises(MateError, match="not what was written there"):
        read_numbers(file)


def test_captions_without_a_word_that_turns_leave_out_its_row_alone(tmp_path: Path) -> None:
    probe = {"mean": 0.5, "pairs": [{"texts": ["up", "down"], "cosine": 0.5}]}
    names = ("antonym_words", "antonym_sentences", "synonym_words", "synonym_sentences")
    metrics = {"cosines": dict.fromkeys(names, probe), "swaps": {}, "disentanglement": {"words": 0}}
    file = tmp_path / "words.json"
    file.write_text(json.dumps({**source("mate evaluate words"), "split": "test", "metrics": metrics}))
    assert [row.found for row in read_numbers(file).rows] == ["0.50 (single pairs 0.50 to 0.50)"] * len(names)


def test_a_share_has_its_interval() -> None:
    assert of_share(100.0, 10) == "100.0 % (72.2 to 100.0)"
