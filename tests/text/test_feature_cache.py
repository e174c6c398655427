"""Remembered captions are what the encoder would say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from mate_hf.modeling import MateModel
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.feature_cache import CaptionFeatureCache
from mate_hf.text.text_features import cached_text_features
from tests.modeling.test_modeling_mate import tiny_model
from tests.tiny import CAPTIONS, FAMILIES


def model_and_encoder(folder: Path) -> tuple[MateModel, TextEncoder]:
    model, encoder = tiny_model(folder, context_queries=True).eval(), open_text_encoder(str(folder))
    model.text_encoder = encoder.model
    return model, encoder


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_remembered_is_what_the_encoder_says(
    family: str, text_encoders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, encoder = model_and_encoder(text_encoders[family])
    captions = [*CAPTIONS, "walks " * 200]
    drawn = [captions[-1], *captions[2:6], captions[2]]
    tokens = encoder.tokenise(drawn)
    ids, mask = tokens.input_ids, tokens.attention_mask
    with torch.no_grad():
        text, features = model.caption_features(ids, mask)
    model.feature_cache = CaptionFeatureCache(
        cached_text_features(captions, encoder, encoder, tmp_path), encoder
    )
    monkeypatch.setattr(model, "_encode", None)
    with torch.no_grad():
        known_text, known_features = model.caption_features(ids, mask)
    torch.testing.assert_close(known_text, text, atol=1e-5, rtol=1e-4)
    real = mask.bool()
    torch.testing.assert_close(known_features[real], features[real], atol=1e-5, rtol=1e-4)
    assert known_features.shape == features.shape
    # The same bits whatever the padding: a run goes on as it began.
    wider = model.feature_cache.lookup(F.pad(ids, (0, 3)), F.pad(mask, (0, 3)))
    assert wider is not None
    assert torch.equal(wider[1][:, : ids.shape[1]], known_features)


def test_a_caption_that_is_not_known_is_read(text_encoders: dict[str, Path], tmp_path: Path) -> None:
    model, encoder = model_and_encoder(text_encoders["bert"])
    memory = CaptionFeatureCache(cached_text_features(CAPTIONS[:3], encoder, encoder, tmp_path), encoder)
    tokens = encoder.tokenise(CAPTIONS[:4])
    assert memory.lookup(tokens.input_ids, tokens.attention_mask) is None
    with torch.no_grad():
        read = model.caption_features(tokens.input_ids, tokens.attention_mask)
        model.feature_cache = memory
        again = model.caption_features(tokens.input_ids, tokens.attention_mask)
    assert torch.equal(read[0], again[0])
