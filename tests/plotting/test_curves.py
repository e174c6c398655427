"""Curves go through what the log says, and a log that says something else is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from mate_hf.errors import MateError
from mate_hf.plotting import curves
from mate_hf.plotting.palette import OKABE_ITO
from mate_hf.plotting.run_curves import plot_curves, read_log
from tests.plotting.pictures import kept_of

RECORDS: tuple[dict[str, Any], ...] = (
    {"step": 5, "train/loss": 3.0, "train/rec": 1.0},
    {"step": 10, "train/loss": 2.0, "train/rec": float("nan"), "note": "x"},
    {"step": 10, "val/loss": 2.5, "val/t2m/R@1": 40.0, "val/t2m/R@5": 60.0, "val/chance_R@1": 2.0},
)


def run(folder: Path, records: Any = RECORDS) -> Path:
    folder.mkdir(parents=True)
    (folder / "log.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


def test_a_log_is_read_by_name_and_step_and_what_was_done_again_counts(tmp_path: Path) -> None:
    again = (*RECORDS, {"step": 5, "train/loss": 2.9})
    assert read_log(run(tmp_path / "a", again)) == {
        "train/loss": [(5, 2.9), (10, 2.0)],
        "train/rec": [(5, 1.0)],
        "val/loss": [(10, 2.5)],
        "val/t2m/R@1": [(10, 40.0)],
        "val/t2m/R@5": [(10, 60.0)],
        "val/chance_R@1": [(10, 2.0)],
    }


def test_each_run_has_its_colour_and_each_measure_its_panel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = kept_of(curves, monkeypatch)
    runs = [run(tmp_path / "one" / "mate"), run(tmp_path / "$2$" / "mate", RECORDS[:1])]
    plot_curves(runs, tmp_path / "x.png")
    loss, rec, right = [panel for panel in kept.figure.axes if panel.get_visible()]
    assert [panel.get_title(loc="left") for panel in (loss, right)] == [
        curves.NAMES["loss"],
        curves.NAMES["t2m/R@1"],
    ]
    trained, validated, other = loss.lines
    np.testing.assert_array_equal(trained.get_xydata(), [[5, 3], [10, 2]])
    np.testing.assert_array_equal(validated.get_xydata(), [[10, 2.5]])
    assert (trained.get_linestyle(), validated.get_linestyle()) == ("-", "--")
    assert [to_hex(line.get_color()) for line in loss.lines] == [OKABE_ITO[0], OKABE_ITO[0], OKABE_ITO[1]]
    assert other.get_xydata().tolist() == [[5, 3]]
    assert [line.get_ydata().tolist() for line in right.lines] == [[40.0], [2.0]]
    assert len(rec.lines) == 2
    assert {"one/mate", "$2$/mate", "chance", "validation"} <= set(kept.texts)


def test_measures_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_of(curves, monkeypatch)
    plot_curves(run(tmp_path / "a"), tmp_path / "x.png", ["t2m/R@5"], log=True)
    [panel] = kept.figure.axes
    assert panel.lines[0].get_ydata().tolist() == [60.0]
    with pytest.raises(MateError, match=r"'nonsense' is in no log; expected one of .*t2m/R@5"):
        plot_curves(tmp_path / "a", tmp_path / "x.png", ["nonsense"])


def test_what_is_no_log_is_refused_and_a_picture_of_it_is_not_begun(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, said in (
        (tmp_path / "empty", r"no log\.jsonl in it"),
        (run(tmp_path / "a", [{"step": "x"}]), r"line 1: step is 'x'; expected an integer"),
        (run(tmp_path / "b", [{"step": 1}]), "no numbers in it yet"),
    ):
        with pytest.raises(MateError, match=said):
            plot_curves(folder, tmp_path / "x.png")
    with pytest.raises(MateError, match=r"stands still; expected \.png"):
        plot_curves(tmp_path / "a", tmp_path / "x.gif")
    with pytest.raises(MateError, match="no run to draw"):
        plot_curves([], tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_it_is_written(tmp_path: Path) -> None:
    written = plot_curves(run(tmp_path / "a"), tmp_path / "x.svg")
    assert written.read_text().startswith("<?xml")
    with pytest.raises(MateError, match="exists"):
        plot_curves(tmp_path / "a", tmp_path / "x.svg")
