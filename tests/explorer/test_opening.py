"""What a page needs is found beside the run; what is not there is said, in a line or on the page."""

from __future__ import annotations

import builtins
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.errors import MateError
from mate_hf.explorer import gradio_extra
from mate_hf.explorer.answers import caption_answer, sentence_search, swap_answer, word_answer
from mate_hf.explorer.opening import open_explored
from mate_hf.hub.push import push
from tests.hub.conftest import hub
from tests.hub.hub_server import Hub

__all__ = ["hub"]


def test_the_folder_of_a_quickstart_is_its_run(home: Path) -> None:
    found = open_explored(home)
    assert found.name == "mate"
    assert found.missing == ()
    assert found.generators == ()
    assert found.localizer is not None
    assert len(found.motions.clips) == 4


def test_what_is_not_at_hand_is_said_on_the_page(home: Path, tmp_path: Path) -> None:
    run = tmp_path / "mate"
    shutil.copytree(home / "mate", run)
    settings = yaml.safe_load((run / "config.yaml").read_text())
    (run / "config.yaml").write_text(yaml.safe_dump({**settings, "text_encoder": str(tmp_path / "gone")}))
    found = open_explored(run)
    assert found.base is None
    assert found.localizer is None
    stock, segments = found.missing
    assert stock.startswith("The stock encoder is not shown")
    assert segments.startswith("Segments are not shown")
    assert "--retrieval" in segments
    assert found.words.neighbours("left").stock is None
    assert open_explored(run, retrieval=home / "retrieval").localizer is not None


def test_what_is_no_run_is_refused_in_a_line(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for given, said in (
        ({"run": tmp_path / "none"}, "no such folder"),
        ({"run": tmp_path / "empty"}, "no trained model"),
        ({"run": home / "mate", "data": home / "retrieval"}, "not a corpus"),
        ({"run": home / "mate", "split": "nowhere"}, "nowhere"),
        ({"run": home / "mate", "retrieval": tmp_path / "empty"}, "no trained model"),
        ({"run": home / "mate", "generator": [str(tmp_path / "empty")]}, "empty"),
    ):
        with pytest.raises(MateError, match=said):
            open_explored(**given)  # type: ignore[arg-type]


def test_without_the_extra_the_command_names_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradio_extra, "find_spec", lambda name: None)
    done = CliRunner().invoke(app, ["explore", str(home / "mate"), "--no-browser"])
    assert done.exit_code == 1
    assert "pip install 'mate-hf[explore]'" in " ".join(done.output.split())


def test_an_empty_folder_is_refused_before_anything_is_served(tmp_path: Path) -> None:
    pytest.importorskip("gradio", reason="no gradio: pip install 'mate-hf[explore]'")
    done = CliRunner().invoke(app, ["explore", str(tmp_path), "--no-browser"])
    assert done.exit_code == 1
    assert "no trained model" in done.output
    assert "Traceback" not in done.output
    done = CliRunner().invoke(app, ["explore", str(tmp_path), "--no-browser", "--port", "0"])
    assert "port: 0; expected 1 to 65535" in done.output


def test_logic_needs_no_gradio(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = builtins.__import__

    def refusing(name: str, *rest: Any, **more: Any) -> Any:
        assert name.partition(".")[0] != "gradio"
        return opened(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    open_explored(home)


def test_without_a_corpus_the_page_has_what_needs_no_motion(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "mate", tmp_path / "mate")
    settings = yaml.safe_load((tmp_path / "mate" / "config.yaml").read_text())
    for data in (None, str(tmp_path / "gone" / "corpus")):
        (tmp_path / "mate" / "config.yaml").write_text(yaml.safe_dump({**settings, "data": data}))
        found = open_explored(tmp_path / "mate")
        assert found.gallery is None
        assert found.localizer is None
        [said] = found.missing
        assert said.startswith("Motions are not shown")
        assert "--data" in said
        assert "No corpus is at hand" in caption_answer(found, "a person turns left", "")
        assert "No corpus is at hand" in sentence_search(found, "a person turns left")
        assert "becomes “right”" in swap_answer(found, "a person turns left", "left", "")
        assert "Opposites of “left”" in word_answer(found, "left")


def test_a_run_on_the_hub_opens_by_its_id(hub: Hub, home: Path) -> None:
    push(home / "mate", "motion/mate", format="full")
    found = open_explored("motion/mate", data=home / "data", retrieval=home / "retrieval")
    assert found.name == "mate"
    assert found.missing == ()
    assert found.gallery is not None
    assert found.localizer is not None
    push(home / "mate", "motion/words")
    with pytest.raises(MateError, match=r"motion/words: no MATE model on the Hub.*--format full"):
        open_explored("motion/words")
    with pytest.raises(MateError, match="motion/none: no such folder here, and no such repository"):
        open_explored("motion/none")
