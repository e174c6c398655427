"""An evaluator at work: what goes into the text GRU, and what a batch must not change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.guo_evaluator import Evaluator, Token, WordVectors, open_evaluator, save_evaluator
from mate_hf.guo_evaluator.evaluator import LONGEST_TEXT, text_inputs
from mate_hf.guo_evaluator.tags import TAGS
from mate_hf.modeling import EvaluatorConfig, EvaluatorModel


@pytest.fixture
def vectors() -> WordVectors:
    torch.manual_seed(0)
    return WordVectors(["sos", "eos", "unk", "walk", "left"], torch.randn(5, 6))


@pytest.fixture
def evaluator(vectors: WordVectors) -> Evaluator:
    torch.manual_seed(1)
    sizes = {"movement_width": 8, "motion_hidden": 8, "text_hidden": 8, "feature_width": 5, "word_width": 6}
    return Evaluator(EvaluatorModel(EvaluatorConfig(**sizes)), vectors)


def test_captions_are_framed_cut_and_unknown_words_say_nothing(vectors: WordVectors) -> None:
    long = [Token("walk", "VERB")] * 30
    inputs = text_inputs(
        [[Token("walk", "VERB"), Token("somersault", "VERB"), Token("left", "ADJ")], long], vectors
    )
    assert inputs["text_length"].tolist() == [5, LONGEST_TEXT + 2]
    table = vectors.table
    torch.testing.assert_close(inputs["words"][0, :5], table[[0, 3, 2, 4, 1]])
    names = [TAGS[int(row.argmax())] for row in inputs["tags"][0, :5]]
    assert names == ["OTHER", "Act_VIP", "OTHER", "Loc_VIP", "OTHER"]
    torch.testing.assert_close(inputs["words"][1, LONGEST_TEXT + 1], table[1])


def test_features_do_not_depend_on_the_batch(evaluator: Evaluator) -> None:
    random = np.random.default_rng(0)
    motions = [random.normal(size=(frames, 263)).astype(np.float32) for frames in (40, 198, 77)]
    together = evaluator.motion_features(motions)
    for row, motion in zip(together, motions, strict=True):
        np.testing.assert_allclose(evaluator.motion_features([motion])[0], row, atol=1e-6)
    texts = [[Token("walk", "VERB")], [Token("left", "ADJ")] * 7]
    together = evaluator.text_features(texts)
    for row, text in zip(together, texts, strict=True):
        np.testing.assert_allclose(evaluator.text_features([text])[0], row, atol=1e-6)


@pytest.mark.parametrize(
    ("motions", "said"),
    [
        (np.zeros((40, 263)), r"motion 0: shape \(263,\); expected a list of motions of 263 raw features"),
        ([np.zeros((40, 263)), np.zeros((40, 22, 3))], r"motion 1: shape \(40, 22, 3\)"),
        ([np.zeros((40, 251))], r"shape \(40, 251\)"),
        ([np.full((40, 263), np.nan)], "motion 0: NaN"),
        ([], "motions: none"),
    ],
)
def test_what_are_no_motions_is_refused(evaluator: Evaluator, motions: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        evaluator.motion_features(motions)


@pytest.mark.parametrize("texts", ["a man walks", ["a man walks"], []])
def test_plain_texts_are_refused_for_their_tags_are_lacking(evaluator: Evaluator, texts: Any) -> None:
    with pytest.raises(ValueError, match=r"each a list of `Token\(word, tag\)`"):
        evaluator.text_features(texts)


def test_a_saved_evaluator_opens_with_its_vectors_and_refuses_others(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    save_evaluator(evaluator.model, evaluator.vectors, tmp_path / "with")
    texts = [[Token("walk", "VERB")]]
    opened = open_evaluator(tmp_path / "with")
    np.testing.assert_allclose(opened.text_features(texts), evaluator.text_features(texts), atol=1e-6)
    save_evaluator(evaluator.model, None, tmp_path / "without")
    with pytest.raises(MateError, match="give --glove"):
        open_evaluator(tmp_path / "without")
    with pytest.raises(MateError, match="width 2; the evaluator was trained with 6"):
        Evaluator(evaluator.model, WordVectors(["sos", "eos", "unk"], torch.zeros(3, 2)))
