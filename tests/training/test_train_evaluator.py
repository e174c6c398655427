"""The evaluator's runs: it learns, resumes exactly, and says what it lacks."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from safetensors.torch import load_file

from mate_hf.errors import MateError
from mate_hf.guo_evaluator import open_evaluator
from mate_hf.training.evaluator_arguments import parse_arguments
from mate_hf.training.evaluator_task import EvaluatorTask
from mate_hf.training.loop import Training
from tests.tiny import flags
from tests.training.conftest import forget_accelerate

SIZES = {
    "movement_width": 8,
    "motion_hidden": 8,
    "text_hidden": 8,
    "feature_width": 8,
    "batch_size": 8,
    "num_workers": 0,
}


def train(output_dir: Path, corpus: Path, **options: object) -> dict[str, Any]:
    forget_accelerate()
    settings = {"data": corpus, "output_dir": output_dir, "epochs": 3, "lr": 1e-2, **SIZES, **options}
    arguments = parse_arguments(flags(**settings))
    try:
        return Training(partial(EvaluatorTask, arguments), arguments.run, arguments.flat()).run()
    finally:
        forget_accelerate()


def test_an_evaluator_learns_and_opens_with_its_words(
    corpus: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    train(tmp_path / "run", corpus, word_encoder=text_encoders["bert"], epochs=12, log_steps=1)
    records = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    losses = [record["train/loss"] for record in records if "train/loss" in record]
    assert fmean(losses[-4:]) < 0.85 * losses[0]
    assert "counterclockwise" in open_evaluator(tmp_path / "run").vectors


def test_a_resumed_run_equals_an_uninterrupted_one(
    corpus: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    words = {"word_encoder": text_encoders["bert"]}
    train(tmp_path / "whole", corpus, **words)
    train(tmp_path / "cut", corpus, **words, max_steps=3)
    train(tmp_path / "cut", corpus, **words, resume="last")
    whole, cut = (load_file(tmp_path / name / "last" / "model.safetensors") for name in ("whole", "cut"))
    assert all(whole[name].equal(cut[name]) for name in whole)


def test_word_vectors_must_come_from_one_place() -> None:
    required = ["--data", "d", "--output_dir", "o"]
    for given in ([], ["--glove", "g", "--word_encoder", "e"]):
        with pytest.raises(MateError, match="glove, word_encoder: expected one of them"):
            parse_arguments([*required, *given])
