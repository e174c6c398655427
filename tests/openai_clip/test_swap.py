"""Table 11: words of one encoder, sentences of another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

import mate_hf
from mate_hf.openai_clip.swap import SwappedText
from tests.trained_runs import Exported

TEXT = "a person walks left"


def words(model: Any, ids: torch.Tensor) -> torch.Tensor:
    x = model.token_embedding(ids).type(model.dtype) + model.positional_embedding.type(model.dtype)
    return model.ln_final(model.transformer(x.permute(1, 0, 2)).permute(1, 0, 2)).type(model.dtype)


def test_each_feature_comes_from_its_own_encoder(exported: Exported, whole_clip: Path) -> None:
    ours, stock = mate_hf.load(exported("whole_clip")), mate_hf.load(whole_clip)
    ids = ours.tokenize(TEXT)
    ids[0, 1] = 1000
    assert not torch.allclose(words(ours, ids), words(stock, ids), atol=1e-3)
    swapped = SwappedText(words=ours, sentences=stock)
    assert torch.equal(words(swapped, ids), words(ours, ids))
    assert torch.equal(swapped.encode_text(ids), stock.encode_text(ids))
    other = SwappedText(words=stock, sentences=ours)
    assert torch.equal(words(other, ids), words(stock, ids))
    assert torch.equal(other.encode_text(ids), ours.encode_text(ids))
