"""Bars of obedience are as long as the files say, with their intervals, generators side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mate_hf.errors import MateError
from mate_hf.plotting import obedience_bars
from mate_hf.plotting.run_obedience import plot_obedience
from tests.plotting.pictures import kept_of


def share(mean: float) -> dict[str, float]:
    return {"mean": mean, "low": mean - 10, "high": mean + 5, "prompts": 3, "motions": 12}


def results(file: Path, mean: float) -> Path:
    content = {
        "classes": {"seen": share(mean), "unseen word": share(mean / 2)},
        "probes": {"seen": {"turn": share(mean + 1)}, "unseen word": {"turn": share(20), "count": share(30)}},
        "told_apart": {},
    }
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content))
    return file


def test_a_bar_a_generator_and_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_of(obedience_bars, monkeypatch)
    files = [results(tmp_path / "a" / "o.json", 80), results(tmp_path / "b" / "o.json", 60)]
    plot_obedience(files, tmp_path / "x.png")
    seen, unseen = kept.figure.axes
    assert [label.get_text() for label in seen.get_yticklabels()] == ["all probes", "turn", "count"]
    stock, tuned = seen.containers[0], seen.containers[2]
    assert [bar.get_width() for bar in stock] == [80, 81]
    assert [bar.get_width() for bar in tuned] == [60, 61]
    middle = [bar.get_y() + bar.get_height() / 2 for bar in stock]
    assert middle == [pytest.approx(-0.2), pytest.approx(0.8)]
    [interval] = seen.containers[1].lines[2]
    assert [(*line[:, 0],) for line in interval.get_segments()] == [(70, 85), (71, 86)]
    assert [bar.get_width() for bar in unseen.containers[0]] == [40, 20, 30]
    # Of what nobody was asked there is no bar, which is not to be taken for 0 %.
    assert [(text.get_text(), text.get_position()[1]) for text in seen.texts] == [("not asked", 2)]
    assert not unseen.texts
    assert {"a", "b", "seen", "unseen word"} <= set(kept.texts)


def test_other_files_and_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    good = results(tmp_path / "good.json", 50)
    content: dict[str, Any] = json.loads(good.read_text())
    content["classes"]["seen"].pop("low")
    (tmp_path / "half.json").write_text(json.dumps(content))
    (tmp_path / "other.json").write_text("{}")
    for files, names, said in (
        ([tmp_path / "other.json"], [], "no classes, probes and told_apart"),
        ([tmp_path / "half.json"], [], "seen, all probes is .*; expected mean, low and high"),
        ([good], ["a", "b"], "name: 2 for 1 files"),
        ([], [], "no results to draw"),
    ):
        with pytest.raises(MateError, match=said):
            plot_obedience(files, tmp_path / "x.png", names)
    assert plot_obedience(good, tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
