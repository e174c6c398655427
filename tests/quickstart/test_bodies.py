"""`make generator`, in small: what it writes, in which order, and that it goes on where it was ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from mate_hf.quickstart import bodies, stages, words
from tests.evaluation.obedience.test_tables import STOCK, TUNED, told, written
from tests.tiny import TINY_SIZES
from tests.training.conftest import forget_accelerate
from tests.training.test_train_generator import SIZES

NEW = {"generator_stock", "generator_mate", "bodies.json", "bodies.md", "clockwise.bvh", "clockwise.glb"}


class Mate:
    """Stands in for the commands after the quickstart's."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, said: Sequence[str]) -> int:
        self.calls.append(list(said))
        out = Path(said[said.index("--output_dir" if "--output_dir" in said else "--out") + 1])
        if said[0] == "train-generator":
            out.mkdir()
            (out / "results.json").write_text("{}")
        elif said[0] == "evaluate":
            written(out.parent, out.name, told(TUNED if "mate" in out.parent.name else STOCK))
        else:
            out.write_text("a body")
        return 0


def test_two_generators_are_trained_alike_and_told_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mate, root = Mate(), tmp_path / "a place with spaces"
    monkeypatch.setattr(stages, "_mate", mate)
    monkeypatch.setattr(bodies, "teach_words", lambda *left: None)
    bodies.main(str(root))
    stock, tuned = (said for said in mate.calls if said[0] == "train-generator")
    differs = {(one, other) for one, other in zip(stock, tuned, strict=True) if one != other}
    assert differs == {
        (words.BASE, str(root / "export")),
        (str(root / "generator_stock"), str(root / "generator_mate")),
    }
    measured = [said for said in mate.calls if said[0] == "evaluate"]
    assert measured[0][3:-1] == measured[1][3:-1]
    assert {path.name for path in root.iterdir()} == NEW | {stages.LEDGER}
    numbers = json.loads((root / "bodies.json").read_text())
    assert numbers["differences"][0]["classes"]["seen"]["mean"] == 62.5
    assert "| seen | all | 4, 8 | 25.0 [" in (root / "bodies.md").read_text()
    printed = capsys.readouterr().out
    assert all(str(root / name) in printed for name in NEW)

    bodies.main(str(root))
    assert len(mate.calls) == 6
    assert "Everything was done already" in capsys.readouterr().out


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A quickstart of seconds: few motions, tiny networks, three prompts."""
    sizes: dict[str, dict[str, Any]] = {
        "quickstart_retrieval": {"latent_size": 16, "feedforward": 16},
        "quickstart": {name: TINY_SIZES[name] for name in ("hidden_size", "motion_layers", "batch_size")},
        "quickstart_generator": SIZES,
    }
    for name, smaller in sizes.items():
        settings = yaml.safe_load((words.CONFIGS / f"{name}.yaml").read_text())
        settings |= {"epochs": 1, "num_workers": 0, **smaller}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(settings))
    for module in (words, bodies):
        monkeypatch.setattr(module, "CONFIGS", tmp_path)
    monkeypatch.setattr(words, "MOTIONS", 80)
    monkeypatch.setattr(bodies, "PER_PROMPT", 1)
    return tmp_path / "a place with spaces"


@pytest.mark.slow
def test_the_whole_line_runs_and_goes_on(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = stages._mate

    def ended(said: Sequence[str]) -> int:
        forget_accelerate()
        return 130 if said[0] == "generate" else run(said)

    monkeypatch.setattr(stages, "_mate", ended)
    with pytest.raises(SystemExit) as stopped:
        bodies.main(str(small))
    assert stopped.value.code == 130
    monkeypatch.setattr(stages, "_mate", run)
    capsys.readouterr()
    bodies.main(str(small))
    printed = capsys.readouterr().out
    assert printed.count("done already") == words.STAGES + 4
    assert printed.count("$ mate ") == 2
    assert {path.name for path in small.iterdir()} >= NEW | {"export", "results.json", "antonyms.png"}
    capsys.readouterr()
    bodies.main(str(small))
    assert "$ mate " not in capsys.readouterr().out
    forget_accelerate()
