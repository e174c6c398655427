"""Every format opens as OpenAI's shape, and code that reaches inside finds what it uses there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import mate_hf
from mate_hf.errors import MateError
from mate_hf.exports import FORMATS, export
from mate_hf.text.encoders import open_text_encoder
from tests.tiny import CAPTIONS
from tests.trained_runs import Exported, Trained


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_gives_the_same_features(exported: Exported, format: str) -> None:
    model = mate_hf.load(exported("whole_clip", format))
    expected = open_text_encoder(str(exported("whole_clip"))).sentence_features(list(CAPTIONS))
    assert torch.allclose(model.encode_text(list(CAPTIONS)), expected, atol=1e-5)
    assert torch.allclose(model.encode_text(CAPTIONS[0])[0], expected[0], atol=1e-5)


@pytest.mark.parametrize("format", ["openai-clip", "adapter"])
def test_an_export_that_a_killed_writer_set_aside_is_put_back(
    trained: Trained, tmp_path: Path, format: str
) -> None:
    export(trained("whole_clip"), out := tmp_path / "here" / "out", format)
    aside = out.parent / ".out.writing" / "replaced" / "out"
    aside.parent.mkdir(parents=True)
    out.rename(aside)
    mate_hf.load(out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_word_features_as_clients_compute_them_are_the_hidden_states(exported: Exported) -> None:
    """As MMM and MotionDiffuse do it, module by module."""
    out = exported("whole_clip")
    model, stock = mate_hf.load(out), open_text_encoder(str(out))
    ids = model.tokenize(list(CAPTIONS))
    x = model.token_embedding(ids).type(model.dtype) + model.positional_embedding.type(model.dtype)
    x = model.transformer(x.permute(1, 0, 2)).permute(1, 0, 2)
    words = model.ln_final(x).type(model.dtype)
    tokens = stock.tokenise(list(CAPTIONS))
    expected = stock.model(tokens.input_ids, tokens.attention_mask).last_hidden_state
    real = tokens.attention_mask.bool()
    assert torch.allclose(words[:, : real.shape[1]][real], expected[real], atol=1e-5)
    features = words[torch.arange(len(ids)), ids.argmax(-1)] @ model.text_projection
    assert torch.allclose(features, model.encode_text(ids), atol=1e-6)


def test_a_file_alone_takes_token_ids_and_says_what_it_lacks(trained: Trained, tmp_path: Path) -> None:
    export(trained("whole_clip"), out := tmp_path / "out", "openai-clip")
    ids = mate_hf.load(out).tokenize("a person walks")
    expected = mate_hf.load(out).encode_text("a person walks")
    for name in ("model.pt", "model.safetensors"):
        alone = (out / name).rename(tmp_path / name)
        model = mate_hf.load(alone)
        assert torch.equal(model.encode_text(ids), expected)
        with pytest.raises(MateError, match="without a tokenizer"):
            model.encode_text("a person walks")


def test_half_precision_is_a_cast_away(exported: Exported) -> None:
    model = mate_hf.load(exported("whole_clip"))
    expected = model.encode_text("a person walks")
    model = model.to(torch.bfloat16)
    assert model.dtype == torch.bfloat16
    assert torch.allclose(model.encode_text("a person walks").float(), expected, rtol=0.1, atol=0.5)


def test_what_cannot_be_opened_is_named(exported: Exported, tmp_path: Path) -> None:
    for format in ("hf", "full"):
        with pytest.raises(MateError, match=r"is distilbert.*AutoModel"):
            mate_hf.load(exported("distilbert", format))
    with pytest.raises(MateError, match=r"none of adapter_config\.json, config\.json, model\.pt"):
        mate_hf.load(tmp_path)
    with pytest.raises(MateError, match=r"no/where: no folder, no file"):
        mate_hf.load("no/where")
