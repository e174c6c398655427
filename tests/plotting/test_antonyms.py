"""The picture shows each pair where its cosine is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mate_hf.errors import MateError
from mate_hf.plotting import antonyms
from mate_hf.plotting.antonyms import plot_antonyms


def probes(shift: float) -> dict[str, Any]:
    pairs = [
        {"texts": ["left", "right"], "cosine": 0.9 - shift},
        {"texts": ["he sits up", "he sits down"], "cosine": 0.7},
    ]
    return {
        name: {"mean": sum(pair["cosine"] for pair in pairs) / 2, "pairs": pairs}
        for name, _ in antonyms.PANELS
    }


def test_each_pair_stands_at_its_cosines_and_is_named_by_what_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    panel = figure.subplots()
    antonyms._panel(panel, probes(0.0)["antonym_words"], probes(0.4)["antonym_words"], "words")
    before, after = (points.get_offsets().tolist() for points in panel.collections[1:])
    assert before == [[0.9, 0.0], [0.7, 1.0]]
    assert after == [[pytest.approx(0.5), 0.0], [0.7, 1.0]]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["left / right", "up / down"]
    assert panel.yaxis_inverted()
    assert "0.80 → 0.60" in panel.get_title(loc="left")


def test_pairs_that_differ_in_the_same_words_are_told_apart() -> None:
    pairs = [
        ("a person turns left", "a person turns right"),
        ("the man raises his left arm", "the man raises his right arm"),
        ("he sits up", "he sits down"),
        ("he turns left", "someone turns to the left"),
    ]
    assert antonyms._named(pairs) == [
        "turns left / right",
        "his left / right arm",
        "up / down",
        "he turns left / someone turns\nto the left",
    ]


def test_a_file_is_written_whole_in_the_form_of_its_ending(tmp_path: Path) -> None:
    for name, head in (("a.png", b"\x89PNG"), ("a.svg", b"<?xml")):
        assert (
            plot_antonyms(probes(0.0), probes(0.4), tmp_path / name, "a title").read_bytes().startswith(head)
        )
    with pytest.raises(MateError, match=r"a\.xyz.*Choose \.png, \.svg or \.pdf"):
        plot_antonyms(probes(0.0), probes(0.4), tmp_path / "a.xyz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg"]


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(MateError, match=r"pip install 'mate-hf\[plots\]'"):
        plot_antonyms(probes(0.0), probes(0.4), tmp_path / "a.png")
