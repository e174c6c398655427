"""What cannot be drawn is refused in one line that names it, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mate_hf.cli import app

OF_EMPTY = {
    "plot words": ([], "no trained model"),
    "plot curves": ([], "no log.jsonl in it"),
    "plot localization": ([], "It is empty"),
    "plot obedience": ([], "not a file"),
    "plot ablation": (["--metric", "swap %"], "no results in it"),
    "plot skeleton": ([], "a folder; expected a .npy file"),
    "report": ([], "no config.yaml or results.json in it"),
}


@pytest.mark.parametrize("command", OF_EMPTY)
def test_an_empty_folder_is_named(command: str, tmp_path: Path) -> None:
    flags, said = OF_EMPTY[command]
    empty, out = tmp_path / "empty", tmp_path / ("x.html" if command == "report" else "x.png")
    empty.mkdir()
    done = CliRunner().invoke(app, [*command.split(), str(empty), "--out", str(out), *flags])
    shown = " ".join(done.output.split())
    assert done.exit_code == 1
    assert shown.startswith("error: ")
    assert said in shown
    assert str(empty) in shown.replace(" ", "")
    assert "Traceback" not in shown
    assert not out.exists()
