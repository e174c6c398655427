"""Pointing and mass are read off the weights that the model itself shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Array2D, Dataset, Features, Value

from mate_hf.evaluation.words.grounding import Grounding
from mate_hf.evaluation.words.samples import samples
from mate_hf.modeling.modeling_mate import MateModel
from tests.modeling.test_modeling_mate import tiny_model

CAPTIONS = ["he walks then sits", "she turns left then jumps high", "a man waves"]
LENGTHS = [50, 70, 48]


@pytest.fixture(scope="module")
def model(text_encoders: dict[str, Path]) -> MateModel:
    model = tiny_model(text_encoders["bert"])
    with torch.no_grad():  # sharp enough to point somewhere
        model.word_attention_layer.query.weight.mul_(30)
    return model


@pytest.fixture(scope="module")
def split() -> Dataset:
    motions = [torch.randn(length, 263, generator=torch.manual_seed(length)) for length in LENGTHS]
    features = Features(
        {
            "id": Value("string"),
            "clip": Value("string"),
            "caption": Value("string"),
            "motion": Array2D((None, 263), "float32"),
        }
    )
    rows = {
        "id": ["0", "1", "2"],
        "clip": ["0", "1", "2"],
        "caption": CAPTIONS,
        "motion": [motion.tolist() for motion in motions],
    }
    return Dataset.from_dict(rows, features=features)


def known(caption: str, parts: list[tuple[int, int, int]], whole: int) -> dict[str, Any]:
    """Truth of a caption whose words n are in part (start, end) up to the word given, the joint words in the whole."""
    words, spans = caption.split(), []
    for place, word in enumerate(words):
        start, end = next(((s, e) for last, s, e in parts if place <= last), (0, whole))
        spans.append(
            {"text": word, "start": start, "end": end}
            if word != "then"
            else {"text": word, "start": 0, "end": whole}
        )
    return {"sub_texts": ["x"] * len(parts), "words": spans}


def test_numbers_are_those_of_the_shown_weights(model: MateModel, split: Dataset) -> None:
    truth = {
        ("0", CAPTIONS[0]): known(CAPTIONS[0], [(1, 0, 20), (3, 20, 50)], 50),
        ("1", CAPTIONS[1]): known(CAPTIONS[1], [(2, 0, 44), (5, 44, 70)], 70),
        ("2", CAPTIONS[2]): known(CAPTIONS[2], [(2, 0, 48)], 48),
    }
    probe = Grounding(model, truth)
    for item in samples(model, split):
        probe.add(item)
    hits, masses, shares = [], [], []
    for number in (0, 1):
        length = LENGTHS[number] // 4 * 4
        motion = torch.tensor(split[number]["motion"])[:length]
        shown = model.word_attention(CAPTIONS[number], motion)["weights"]
        for weights, word in zip(shown, truth[str(number), CAPTIONS[number]]["words"], strict=True):
            if word["text"] == "then":
                continue
            inside = range(word["start"], min(word["end"], length))
            hits.append(int(torch.as_tensor(weights).argmax()) in inside)
            masses.append(sum(float(weights[frame]) for frame in inside))
            shares.append(len(inside) / length)
    found = probe.metrics()
    assert found["words"] == len(hits) == 8
    assert found["pointing"] == pytest.approx(100 * sum(hits) / 8)
    assert found["mass"] == pytest.approx(100 * sum(masses) / 8, rel=1e-4)
    assert found["chance"] == pytest.approx(100 * sum(shares) / 8)
    assert 0 < found["pointing"] < 100


def test_only_content_words_count_where_they_are_given(model: MateModel, split: Dataset) -> None:
    truth = {("0", CAPTIONS[0]): known(CAPTIONS[0], [(1, 0, 20), (3, 20, 50)], 50)}
    probe = Grounding(model, truth, {"walks", "sits"})
    for item in samples(model, split):
        probe.add(item)
    assert probe.metrics()["words"] == 2


def test_without_truth_nothing_is_counted(model: MateModel, split: Dataset) -> None:
    probe = Grounding(model, {})
    for item in samples(model, split, limit=2):
        probe.add(item)
    assert probe.metrics() == {"words": 0}
