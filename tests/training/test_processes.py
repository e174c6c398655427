"""Every training script on two processes has the losses of one: what is drawn, compared and kept crosses the processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mate_hf.modeling.dropout import Dropout
from tests.tiny import flags
from tests.together import train_together
from tests.training.conftest import forget_accelerate
from tests.training.every_script import ALIGNED, make_vq, nothing_drops_out, tiny_settings, train_all

STEPS = 4
WAYS: dict[str, dict[str, object]] = {
    "train-evaluator": {},
    "train-generator": {},
    "train-generator aligned": ALIGNED,
    "train-vq": {"level_dropout": 0.5},
    "train-vq aligned": ALIGNED,
    "train-masked": {},
}
"""Those of `train` and `train-retrieval` are in test_loop.py and test_train_retrieval.py."""


def losses(run: Path) -> list[dict[str, float]]:
    log = map(json.loads, (run / "log.jsonl").read_text().splitlines())
    return [record for record in log if "train/loss" in record]


def test_two_processes_train_as_one(
    corpus: Path,
    text_encoders: dict[str, Path],
    alignment_module: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One launch for all of them: it takes longer than they do."""
    monkeypatch.setattr(Dropout, "forward", nothing_drops_out)
    vq = make_vq(tmp_path / "made")
    every: dict[str, object] = {"data": corpus, "max_steps": STEPS, "log_steps": 1, "cpu_threads": 1}
    asked: dict[int, list[tuple[str, list[str]]]] = {1: [], 2: []}
    for processes, calls in asked.items():
        for name, settings in WAYS.items():
            script = name.split()[0]
            given = tiny_settings(script, text_encoders["bert"], vq) | every | settings
            if "alignment" in settings:
                given["alignment_module"] = alignment_module
            calls.append((script, flags(**given, output_dir=tmp_path / f"{name}{processes}")))
    train_all(asked[1])
    forget_accelerate()
    train_together(asked[2])
    for name in WAYS:
        one, two = (losses(tmp_path / f"{name}{processes}") for processes in (1, 2))
        assert len(one) == len(two) == STEPS, name
        if name.endswith("aligned"):
            # Rounding may choose another example once weights have moved; what the first step did to them is seen in the second's own losses.
            one, two = one[:2], two[:2]
            for record in (one[1], two[1]):
                for chosen in ("loss", "inter", "intra"):
                    del record[f"train/{chosen}"]
        for first, second in zip(one, two, strict=True):
            assert second == pytest.approx(first, rel=1e-4, abs=1e-5), name
