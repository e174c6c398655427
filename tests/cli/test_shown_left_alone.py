"""Results of words as they are shown, those of earlier versions too."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console

from mate_hf.cli import shown


def said(metrics: dict[str, Any]) -> str:
    console = Console(file=StringIO(), width=80)
    shown.words(metrics, console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


OLD: dict[str, Any] = {
    "cosines": {"antonym_words": {"mean": 0.25, "pairs": []}},
    "swaps": {"all": {"count": 3, "accuracy": 50.0, "margin": 0.1}},
}


def test_results_of_earlier_versions_are_shown_as_they_were() -> None:
    text = said(OLD)
    assert "0.250" in text
    assert "left alone" not in text
    assert "Unseen" not in text


def test_unseen_words_without_a_stock_encoder_show_the_tuned_one() -> None:
    tuned = {"mean": 62.5, "low": 50.0, "high": 75.0, "probes": 48}
    unseen = {
        "halves": {"tune": {"all": {"after": tuned}}, "held out": {}},
        "dropped": {"word trained": 7, "contrast untrained": 4},
        "apart": {"tune": {}, "held out": {"all": {"after": {**tuned, "mean": 75.0, "probes": 4}}}},
    }
    text = said({**OLD, "unseen_words": unseen})
    assert "62.5" in text
    assert "Left out: 7 whose word the captions hold, 4 with other words" in text
    assert "Of the latter, 4 of held out: right in 75.0 % (stock - %)." in text
    assert "of tune" not in text
    assert "left alone" not in text


def test_each_number_stands_in_its_column() -> None:
    share = {"low": 0.5, "high": 0.75}
    difference = {"mean": -8.0, "low": -16.0, "high": 2.0, "probes": 48}
    of_kind = {
        "before": {"mean": 70.5, "probes": 48, **share},
        "after": {"mean": 62.5, "probes": 48, **share},
        "difference": difference,
    }
    of_class = {
        "rows": 12,
        "mean": 0.31,
        "median": 0.29,
        "largest": 0.77,
        "common": 4.4,
        "common of all": None,
    }
    metrics = {
        **OLD,
        "displacement": {
            "classes": {"all": of_class},
            "most": [{"row": "[after]", "class": "function", "displacement": 1.125}],
            "function over direction": 1.5,
        },
        "unseen_words": {
            "halves": {"held out": {"all": of_kind}},
            "dropped": {"word trained": 0, "contrast untrained": 0},
        },
        "retention": {
            "sentences": 200,
            **{name: {"mean": 0.98, **share} for name in ("cosine", "cosine_p5", "rank_correlation")},
            **{name: {"mean": 86.0, **share} for name in ("neighbours", "common")},
        },
    }
    lines = [line.replace("│", " ").split() for line in said(metrics).splitlines()]
    assert ["all", "12", "0.31", "0.29", "0.77", "4.4", "-"] in lines
    assert ["held", "out", "all", "48", "70.5", "62.5", "-8.0", "-16.0", "to", "+2.0"] in lines
    assert ["Moved", "most:", "[after]", "1.12."] in lines
    assert ["with", "the", "stock", "self", "0.9800", "0.5000", "to", "0.7500"] in [
        line[2:] for line in lines
    ]
    assert any(line[:3] == ["Words", "left", "alone:"] for line in lines)
