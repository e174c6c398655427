"""Grouped captions against all of them padded to the longest."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mate_hf.modeling import ragged_text
from tests.modeling.test_modeling_mate import tiny_model
from tests.tiny import CAPTIONS, FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_grouping_changes_neither_features_nor_gradients(
    family: str, text_encoders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model(text_encoders[family])
    captions = [caption[: 12 + 3 * number] for number, caption in enumerate(CAPTIONS * 7)]
    inputs = model.tokenizer(captions, padding=True, return_tensors="pt")
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    assert ragged_text.pays(ids)
    widths = []
    stock = model._encode

    def encode(ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        widths.append(ids.shape)
        return stock(ids, mask)

    monkeypatch.setattr(model, "_encode", encode)
    sentence, tokens = model.caption_features(ids, mask)
    assert [len(shape) and shape[0] for shape in widths] == [16, 16, 10]
    assert widths[0][1] < widths[-1][1] == ids.shape[1]
    whole, all_tokens = stock(ids, mask)
    torch.testing.assert_close(sentence, model.sentence_projection(whole), rtol=1e-4, atol=1e-5)
    real = mask.bool()
    torch.testing.assert_close(tokens[real], all_tokens[real], rtol=1e-4, atol=1e-5)
    table = model.text_encoder.get_input_embeddings().weight
    [grouped] = torch.autograd.grad(sentence.square().sum(), table)
    [expected] = torch.autograd.grad(model.sentence_projection(whole).square().sum(), table)
    torch.testing.assert_close(grouped, expected, rtol=1e-3, atol=1e-5)
