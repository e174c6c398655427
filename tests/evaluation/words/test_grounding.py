"""Pointing and mass are read off the weights that the model itself shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Array2D, Dataset, Features, Value

from mate_hf.data.split import Split
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
def split() -> Split:
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
    return Split(Dataset.from_dict(rows, features=features))


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
    segments = [[start, end] for _, start, end in parts]
    return {"sub_texts": ["x"] * len(parts), "segments": segments, "words": spans}


def test_numbers_are_those_of_the_shown_weights(model: MateModel, split: Split) -> None:
    truth = {
        ("0", CAPTIONS[0]): known(CAPTIONS[0], [(1, 0, 20), (3, 20, 50)], 50),
        ("1", CAPTIONS[1]): known(CAPTIONS[1], [(2, 0, 16), (5, 16, 70)], 70),
        ("2", CAPTIONS[2]): known(CAPTIONS[2], [(2, 0, 48)], 48),
    }
    probe = Grounding(model, truth)
    for item in samples(model, split):
        probe.add(item)
    hits, masses, shares = [], [], []
    for number in (0, 1):
        length = LENGTHS[number] // 4 * 4
        motion = torch.tensor(split.motions[number])[:length]
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
    # Equal shares of 48 and 68 frames: looks at 12 and 36, right for three words; at 17 and 51, right for the last two of five.
    assert found["pointing by order"] == pytest.approx(100 * 5 / 8)
    assert "pointing in context" not in found


def test_with_context_a_word_is_read_alone_and_in_its_caption(
    text_encoders: dict[str, Path], split: Split
) -> None:
    model = tiny_model(text_encoders["bert"], context_queries=True)
    assert model.context_projection is not None
    with torch.no_grad():
        model.word_attention_layer.query.weight.mul_(30)
        model.context_projection.weight.mul_(3)
    truth = {("1", CAPTIONS[1]): known(CAPTIONS[1], [(2, 0, 30), (5, 30, 70)], 70)}
    probe = Grounding(model, truth)
    masses = {"mass": 0.0, "mass in context": 0.0}
    for item in samples(model, split, limit=2):
        probe.add(item)
    motion = torch.tensor(split.motions[1])[:68].unsqueeze(0)
    frames = model.motion_encoder(
        model.normalise(motion, torch.ones(1, 68, dtype=torch.bool)), torch.ones(1, 68, dtype=torch.bool)
    )[1]
    keys, _ = model.word_attention_layer.project_frames(frames)
    asked = {
        "mass": model.project_words(CAPTIONS[1].split()),
        "mass in context": model.query_caption_words(CAPTIONS[1]),
    }
    for name, queries in asked.items():
        shown = model.word_attention_layer.weights(queries, keys, torch.ones(1, 68, dtype=torch.bool))[0]
        for place, word in enumerate(CAPTIONS[1].split()):
            if word != "then":
                masses[name] += float(shown[place, :30].sum() if place <= 2 else shown[place, 30:].sum()) / 5
    found = probe.metrics()
    assert {name: found[name] for name in masses} == pytest.approx(
        {name: 100 * mass for name, mass in masses.items()}, rel=1e-3
    )
    assert found["mass"] != pytest.approx(found["mass in context"], rel=1e-2)


def test_only_content_words_count_where_they_are_given(model: MateModel, split: Split) -> None:
    truth = {("0", CAPTIONS[0]): known(CAPTIONS[0], [(1, 0, 20), (3, 20, 50)], 50)}
    probe = Grounding(model, truth, {"walks", "sits"})
    for item in samples(model, split):
        probe.add(item)
    assert probe.metrics()["words"] == 2


def test_without_truth_nothing_is_counted(model: MateModel, split: Split) -> None:
    probe = Grounding(model, {})
    for item in samples(model, split, limit=2):
        probe.add(item)
    assert probe.metrics() == {"words": 0}
