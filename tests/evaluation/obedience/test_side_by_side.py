"""Two results files in one table: the numbers of the files, and differences of the same prompts from the same noise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import Obedience, Outcome, Prompt, compare
from mate_hf.evaluation.obedience.side_by_side import side_by_side

TURNS = ("left", "right", "around", "about")
STOCK = (0.0, 0.5, 0.0, 0.5)
TUNED = (1.0, 1.0, 0.5, 1.0)


def told(shares: tuple[float, ...]) -> Obedience:
    """Of each prompt such a share of two bodies that turn as they are told."""
    prompts = [Prompt(f"turn {way}", "seen", "turn", 1, 2.0, word=way) for way in TURNS]
    bodies = [tuple(1.0 if place < 2 * share else -1.0 for place in range(2)) for share in shares]
    return Obedience(tuple(map(Outcome, prompts, bodies)), 2, 0)


def written(folder: Path, name: str, found: Obedience, **changes: Any) -> Path:
    folder.mkdir(exist_ok=True)
    measured = {"data_hash": "p", "steps": 10, "guidance": 2.5, "solver": None, **found.to_json(), **changes}
    (folder / name).write_text(json.dumps(measured))
    return folder / name


def test_the_table_says_what_the_files_hold(tmp_path: Path) -> None:
    stock, tuned = told(STOCK), told(TUNED)
    files = written(tmp_path, "a.json", stock), written(tmp_path, "b.json", tuned)
    both = side_by_side(*files, ("stock", "MATE"))
    assert both.found == (stock, tuned)
    assert both.difference == compare(stock, tuned)
    assert both.difference.classes["seen"].mean == pytest.approx(100 * (np.mean(TUNED) - np.mean(STOCK)))
    rows = both.to_markdown().splitlines()
    by = both.difference.classes["seen"].signed
    assert rows[0].endswith("| stock, % obeyed | MATE, % obeyed | MATE − stock, points |")
    assert rows[2] == f"| seen | all | 4, 8 | {stock.classes['seen']} | {tuned.classes['seen']} | **{by}** |"
    assert rows[3].startswith("|  | turn | 4, 8 | 25.0 [")
    kept = json.loads(json.dumps(both.to_json()))
    assert kept["obedience"]["MATE"]["classes"]["seen"]["mean"] == 87.5
    assert kept["difference"]["probes"]["seen"]["turn"]["mean"] == 62.5


def test_a_difference_that_may_be_none_is_not_bold(tmp_path: Path) -> None:
    one, other = told((0.5, 0.5, 1.0, 0.0)), told((0.5, 1.0, 0.5, 0.0))
    files = written(tmp_path, "a.json", one), written(tmp_path, "b.json", other)
    assert "**" not in side_by_side(*files, ("stock", "MATE")).to_markdown()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 20}, "steps is 10 and 20; expected the same"),
        ({"guidance": 1.0}, "guidance is 2.5 and 1.0"),
        ({"data_hash": "q"}, "data_hash is 'p' and 'q'"),
        ({"prompts": [3]}, r"b\.json: prompt 1: 3; expected an object"),
        ({"prompts": 3}, r"b\.json: field 'prompts' is 3; expected a list"),
        ({"seed": 1}, "seed 0 and 1"),
    ],
)
def test_two_that_were_not_measured_alike_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    files = written(tmp_path, "a.json", told(STOCK)), written(tmp_path, "b.json", told(TUNED), **changes)
    with pytest.raises(MateError, match=message):
        side_by_side(*files, ("stock", "MATE"))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("values", [1.0], "1 motions of 'turn left'; expected 2"),
        ("values", ["x", 1.0], r"prompt 1: field 'values' is \['x', 1.0\]; expected numbers"),
        ("others", [1.0], "1 others of 2 values"),
        ("probe", "dance", "field 'probe' is 'dance'"),
    ],
)
def test_a_damaged_prompt_is_named(tmp_path: Path, field: str, value: Any, message: str) -> None:
    prompts = told(TUNED).to_json()["prompts"]
    prompts[0][field] = value
    files = (
        written(tmp_path, "a.json", told(STOCK)),
        written(tmp_path, "b.json", told(TUNED), prompts=prompts),
    )
    with pytest.raises(MateError, match=message):
        side_by_side(*files, ("stock", "MATE"))
