"""What a card says is a number, or nothing is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.hub.results_tables import read_result


def test_a_measure_that_is_not_finite_is_named(tmp_path: Path) -> None:
    file = tmp_path / "words.json"
    swaps = {"all": {"count": 2, "accuracy": float("nan"), "margin": 0.1}}
    content = {
        "command": "mate evaluate words",
        "data_hash": "abc",
        "split": "test",
        "metrics": {"cosines": {}, "swaps": swaps},
    }
    file.write_text(json.dumps(content))
    with pytest.raises(MateError, match=r"words\.json.*antonym negative, all is nan"):
        read_result(file)
