"""openai-clip: the archive holds OpenAI's names and shapes, and OpenAI's own loaders read the trained features from it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import CLIPModel

from mate_hf.errors import MateError
from mate_hf.exports import export
from mate_hf.openai_clip import from_openai, read_archive, to_openai
from mate_hf.openai_clip.tower import clip_text
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from tests.openai_clip.package import openai_package
from tests.tiny import CAPTIONS
from tests.trained_runs import Exported, Trained


@pytest.fixture
def stock(exported: Exported) -> TextEncoder:
    return open_text_encoder(str(exported("whole_clip")))


def test_names_go_there_and_back(whole_clip: Path) -> None:
    stock = CLIPModel.from_pretrained(whole_clip).state_dict()
    again = from_openai(to_openai(stock))
    assert again.keys() == stock.keys()
    assert all(torch.equal(again[name], stock[name]) for name in stock)


def test_the_archive_has_the_names_and_shapes_of_openais(exported: Exported) -> None:
    out = exported("whole_clip", "openai-clip")
    state = read_archive(out / "model.pt")
    twin = load_file(out / "model.safetensors")
    assert state.keys() == twin.keys()
    assert all(torch.equal(state[name], twin[name]) for name in state)
    tower = (
        "attn.in_proj_weight",
        "attn.in_proj_bias",
        "attn.out_proj.weight",
        "attn.out_proj.bias",
        "ln_1.weight",
    )
    tower += (
        "ln_1.bias",
        "ln_2.weight",
        "ln_2.bias",
        "mlp.c_fc.weight",
        "mlp.c_fc.bias",
        "mlp.c_proj.weight",
    )
    layers = [f"resblocks.{n}.{name}" for n in range(2) for name in (*tower, "mlp.c_proj.bias")]
    names = {f"transformer.{name}" for name in layers} | {f"visual.transformer.{name}" for name in layers}
    names |= {"text_projection", "positional_embedding", "token_embedding.weight", "logit_scale"}
    names |= {
        "ln_final.weight",
        "ln_final.bias",
        "visual.proj",
        "visual.conv1.weight",
        "visual.class_embedding",
    }
    names |= {"visual.positional_embedding"}
    names |= {f"visual.ln_{place}.{kind}" for place in ("pre", "post") for kind in ("weight", "bias")}
    assert state.keys() == names
    assert state["text_projection"].shape == state["visual.proj"].shape == (64, 24)
    assert state["visual.conv1.weight"].shape == (64, 3, 16, 16)


def test_the_tower_gives_the_stock_encoders_features(
    trained_once: Trained, stock: TextEncoder, tmp_path: Path
) -> None:
    export(trained_once("whole_clip"), out := tmp_path / "out", "openai-clip", visual="stand-in")
    tower = clip_text(read_archive(out / "model.pt"), tokenizer=stock.tokenizer)
    expected = stock.sentence_features(list(CAPTIONS))
    assert torch.allclose(tower.encode_text(list(CAPTIONS)), expected, atol=1e-5)
    assert torch.allclose(tower.encode_text(tower.tokenize(CAPTIONS)), expected, atol=1e-5)
    assert tower.encode_text("a person walks").shape == (1, 24)


@pytest.mark.real
@pytest.mark.parametrize("visual", ["base", "stand-in"])
def test_clip_load_opens_it_and_encodes_the_same(
    trained_once: Trained,
    stock: TextEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    visual: str,
) -> None:
    clip = openai_package(monkeypatch)
    export(trained_once("whole_clip"), out := tmp_path / "out", "openai-clip", visual=visual)
    model, _ = clip.load(str(out / "model.pt"), device="cpu", jit=False)
    with torch.no_grad():
        features = model.encode_text(clip.tokenize(CAPTIONS))
    # `clip.load` rounds the layers to fp16 on the way.
    expected = stock.sentence_features(list(CAPTIONS))
    assert torch.nn.functional.cosine_similarity(features, expected).min() > 0.9999


def test_towers_that_openais_code_cannot_rebuild_are_refused(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(MateError, match="2 heads of a width of 16"):
        export(trained("clip"), tmp_path / "out", "openai-clip", visual="stand-in")
    with pytest.raises(MateError, match=r"'tiny'.*base, stand-in"):
        export(trained("whole_clip"), tmp_path / "out", "openai-clip", visual="tiny")
    assert not (tmp_path / "out").exists()


def test_a_visual_tower_that_is_none_is_refused_in_every_format(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"visual: 'tiny'; expected one of base, stand-in"):
        export(trained("bert"), tmp_path / "out", "hf", visual="tiny")


def test_another_file_is_no_archive(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "state.pt")
    with pytest.raises(MateError, match=r"state\.pt: not a TorchScript archive"):
        read_archive(tmp_path / "state.pt")
