"""`mate compare-obedience`: what was written of two generators is compared as if both had just been measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from mate_hf.cli import app, shown
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import Obedience, Outcome, Prompt, compare
from mate_hf.evaluation.obedience.reading import read_obedience
from mate_hf.evaluation.obedience.run_compare import compare_obedience
from mate_hf.runs.provenance import provenance_of

PROMPTS = [
    Prompt(
        f"turns left, {number}",
        "seen" if number < 8 else "unseen word",
        "turn",
        1,
        2.0,
        f"turns right, {number}",
    )
    for number in range(12)
]


def obeyed(shares: list[int]) -> Obedience:
    """Four motions of each prompt, of which so many turn left."""
    outcomes = [
        Outcome(prompt, tuple(1.0 if n < share else -1.0 for n in range(4)), (-1.0,) * 4)
        for prompt, share in zip(PROMPTS, shares, strict=True)
    ]
    return Obedience(tuple(outcomes), 4, 3)


STOCK = obeyed([0, 1, 2, 3] * 3)
TUNED = obeyed([1, 3, 2, 4] * 3)


def written(file: Path, found: Obedience, **more: Any) -> Path:
    sampled = {"text_encoder": "a/b", "steps": 10, "guidance": 2.5, "solver": None, **more}
    content = {**provenance_of(["mate"], "d" * 64, found.seed), **sampled, **found.to_json()}
    file.write_text(json.dumps(content))
    return file


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [written(tmp_path / "stock.json", STOCK), written(tmp_path / "tuned.json", TUNED)]


def test_what_is_read_is_what_was_written(files: list[Path]) -> None:
    for file, found in zip(files, (STOCK, TUNED), strict=True):
        assert read_obedience(file)[0] == found


def test_files_are_compared_as_their_measurements(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "difference.json"
    called = CliRunner().invoke(app, ["compare-obedience", *map(str, files), "--out", str(out)])
    assert called.exit_code == 0, called.output
    found = json.loads(out.read_text())
    [difference] = found["differences"]
    assert (difference["from"], difference["name"]) == ("stock", "tuned")
    expected = compare(STOCK, TUNED).to_json()
    assert {name: difference[name] for name in expected} == expected
    assert difference["classes"]["seen"]["mean"] == pytest.approx(25.0)
    assert [part["classes"]["seen"]["mean"] for part in found["generators"]] == [37.5, 62.5]
    assert not found["warnings"]
    # Written before it is shown, and again without asking.
    assert CliRunner().invoke(app, ["compare-obedience", *map(str, files), "--out", str(out)]).exit_code == 0


def test_all_stand_side_by_side(files: list[Path], tmp_path: Path) -> None:
    third = written(tmp_path / "steps.json", TUNED, steps=20)
    results = compare_obedience([*files, third])
    console = Console(width=160, record=True)
    shown.compared_obedience(results, console)
    text = console.export_text()
    head, rows = text.splitlines()[2], [line for line in text.splitlines() if "│" in line]
    assert [head.count(name) for name in ("stock", "tuned", "steps", "points", "prompts")] == [1, 1, 1, 2, 1]
    seen = [cell.strip() for cell in rows[0].strip("│").split("│")]
    interval = results["differences"][0]["classes"]["seen"]
    between = f"{interval['low']:+.1f} to {interval['high']:+.1f}"
    assert seen == ["seen", "all", "8", "32", "37.5", "62.5", "+25.0", between, "62.5", "+25.0", between]
    assert "warning: steps 10 of stock, 20 of steps" in text


def test_files_of_one_name_are_told_by_their_folders(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = written(tmp_path / "b" / "stock.json", TUNED)
    names = [part["name"] for part in compare_obedience([files[0], other])["generators"]]
    assert names == [str(files[0]), str(other)]


def test_what_cannot_be_compared_is_named(files: list[Path], tmp_path: Path) -> None:
    fewer = Obedience(TUNED.outcomes[1:], 4, 3)
    elsewhere = Obedience(TUNED.outcomes, 4, 4)
    for other, said in (
        (written(tmp_path / "fewer.json", fewer), "stock and fewer: compare: other prompts"),
        (written(tmp_path / "seed.json", elsewhere), "stock and seed: compare: seed 3 and 4"),
        (tmp_path / "none.json", r"none\.json could not be read"),
    ):
        with pytest.raises(MateError, match=said):
            compare_obedience([files[0], other])
    with pytest.raises(MateError, match="1 files; expected two or more"):
        compare_obedience(files[:1])
    with pytest.raises(MateError, match="what is read"):
        compare_obedience(files, files[1], overwrite=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prompts": []}, "no prompts"),
        ({"prompts": [3]}, "prompt 1: 3; expected an object"),
        ({"told_apart": None}, "field 'told_apart'"),
        ({"per_prompt": 5}, r"prompt 1: field 'values' is .*; expected 5 numbers"),
        ({"protocols": {}, "prompts": "x"}, "field 'prompts'"),
    ],
)
def test_another_file_is_named(files: list[Path], change: dict[str, Any], said: str) -> None:
    content = json.loads(files[1].read_text())
    files[1].write_text(json.dumps(content | change))
    with pytest.raises(MateError, match=said):
        compare_obedience(files)
