"""Generators side by side: the numbers of the files, and differences of the same prompts from the same noise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mate_hf.evaluation.obedience import Obedience, Outcome, Prompt, compare
from mate_hf.evaluation.obedience.run_compare import compare_obedience
from mate_hf.evaluation.obedience.tables import comparison_table

TURNS = ("left", "right", "around", "about")
STOCK = (0.0, 0.5, 0.0, 0.5)
TUNED = (1.0, 1.0, 0.5, 1.0)


def told(shares: tuple[float, ...]) -> Obedience:
    """Of each prompt such a share of two bodies that turn as they are told."""
    prompts = [Prompt(f"turn {way}", "seen", "turn", 1, 2.0, word=way) for way in TURNS]
    bodies = [tuple(1.0 if place < 2 * share else -1.0 for place in range(2)) for share in shares]
    return Obedience(tuple(map(Outcome, prompts, bodies)), 2, 0)


def written(folder: Path, name: str, found: Obedience) -> Path:
    folder.mkdir(exist_ok=True)
    measured = {"command": "mate", "data_hash": "p", "steps": 10, "guidance": 2.5, **found.to_json()}
    (folder / name).write_text(json.dumps(measured))
    return folder / name


def test_the_table_says_what_the_files_hold(tmp_path: Path) -> None:
    stock, tuned = told(STOCK), told(TUNED)
    files = written(tmp_path, "a.json", stock), written(tmp_path, "b.json", tuned)
    found = compare_obedience(files, names=("stock", "MATE"))
    by = compare(stock, tuned).classes["seen"]
    assert by.mean == pytest.approx(100 * (np.mean(TUNED) - np.mean(STOCK)))
    rows = comparison_table(json.loads(json.dumps(found))).splitlines()
    assert rows[0].endswith("| stock, % obeyed | MATE, % obeyed | MATE - stock, points |")
    assert (
        rows[2]
        == f"| seen | all | 4, 8 | {stock.classes['seen']} | {tuned.classes['seen']} | **{by.signed}** |"
    )
    assert rows[3].startswith("|  | turn | 4, 8 | 25.0 [")


def test_a_difference_that_may_be_none_is_not_bold(tmp_path: Path) -> None:
    one, other = told((0.5, 0.5, 1.0, 0.0)), told((0.5, 1.0, 0.5, 0.0))
    files = written(tmp_path, "a.json", one), written(tmp_path, "b.json", other)
    assert "**" not in comparison_table(compare_obedience(files))
