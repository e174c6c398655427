"""A measure of an ablation: a bar an arm at the mean of its seeds, with their spread."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import stdev

import pytest

from mate_hf.errors import MateError
from mate_hf.plotting import ablation_bars
from mate_hf.reports.ablation_figure import plot_ablation
from tests.plotting.pictures import kept_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    numbers = {"mate": (70.0, 80.0, 75.0), "l_sent-only": (50.0,)}
    for arm, of_arm in numbers.items():
        for seed, value in enumerate(of_arm):
            place = tmp_path / "out" / "synthetic" / arm / str(seed)
            place.mkdir(parents=True)
            (place / "words.json").write_text(
                json.dumps({"metrics": {"swaps": {"all": {"accuracy": value}}}})
            )
    return tmp_path / "out"


def test_arms_stand_at_their_means_with_seeds_and_spread(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = kept_of(ablation_bars, monkeypatch)
    plot_ablation(folder, folder / "x.png", "swap %")
    [panel] = kept.figure.axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["l_sent-only", "mate"]
    bars, spread = panel.containers
    assert [bar.get_width() for bar in bars] == [50, 75]
    [interval] = spread.lines[2]
    [line] = interval.get_segments()
    reach = stdev((70, 80, 75))
    assert line[:, 0].tolist() == [pytest.approx(75 - reach), pytest.approx(75 + reach)]
    points = next(found for found in panel.collections if len(found.get_offsets()) == 4)
    assert sorted(points.get_offsets().tolist()) == [[50, 0], [70, 1], [75, 1], [80, 1]]
    assert panel.get_xlabel() == "swap %"
    assert {"75 (3 seeds)", "50 (1 seed)"} <= set(kept.texts)


def test_a_measure_that_is_not_there_names_those_that_are(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"metric: 'swap' is nowhere in .*; expected one of: swap %\."):
        plot_ablation(folder, folder / "x.png", "swap")
    with pytest.raises(MateError, match=r"no results in it"):
        plot_ablation(tmp_path / "none", tmp_path / "x.png", "swap %")
    assert plot_ablation(folder, tmp_path / "x.pdf", "swap %").read_bytes().startswith(b"%PDF")
