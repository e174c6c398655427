"""What `mate_hf.load` gives stands where `clip.load` stood: beside OpenAI's own code on the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import mate_hf
from mate_hf.errors import MateError
from mate_hf.openai_clip.swap import SwappedText
from tests.clip_tokenizer import make_clip_tokenizer
from tests.openai_clip.package import openai_package

TEXTS = [
    "a person walks left",
    "he’s “turning” &amp; it&#39;s",
    "A Man   JUMPS\n",
    "left " * 100,
    "",
]


@pytest.fixture(scope="module")
def clip() -> Iterator[Any]:
    """OpenAI's own."""
    with pytest.MonkeyPatch.context() as patch:
        yield openai_package(patch)


@pytest.fixture(scope="module")
def folder(clip: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CLIP of random weights under OpenAI's names, and the tokenizer."""
    folder = tmp_path_factory.mktemp("clip")
    make_clip_tokenizer(folder).save_pretrained(folder)
    torch.manual_seed(0)
    state = clip.model.CLIP(24, 32, 1, 64, 16, 77, 49408, 64, 1, 2).state_dict()
    save_file(state, folder / "model.safetensors")
    return folder


@pytest.fixture
def ours(folder: Path) -> Any:
    return mate_hf.load(folder / "model.safetensors")


@pytest.fixture
def theirs(clip: Any, folder: Path) -> Any:
    """As `clip.load` builds it on a GPU: in half precision, but for LayerNorm and embeddings."""
    from safetensors.torch import load_file

    return clip.model.build_model(load_file(folder / "model.safetensors"))


def text_types(model: nn.Module) -> dict[str, torch.dtype]:
    return {name: weight.dtype for name, weight in model.named_parameters() if not name.startswith("visual.")}


def run_watched(
    model: Any, ids: Tensor, monkeypatch: pytest.MonkeyPatch
) -> tuple[Tensor, list[Any], dict[str, Any]]:
    """Features; what each LayerNorm's kernel met, input and weight; and the type that each module gives."""
    met, given = [], {}
    plain = nn.functional.layer_norm

    def watched(x: Tensor, shape: Any, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
        met.append((x.dtype, weight.dtype))
        return plain(x, shape, weight, bias, eps)

    hooks = []
    for name, module in model.named_modules():
        if name and not name.startswith("visual"):

            def told(_: nn.Module, __: Any, output: Any, name: str = name) -> None:
                given[name] = (output[0] if isinstance(output, tuple) else output).dtype

            hooks.append(module.register_forward_hook(told))
    with monkeypatch.context() as patch, torch.no_grad():
        patch.setattr(nn.functional, "layer_norm", watched)
        features = model.encode_text(ids)
    for hook in hooks:
        hook.remove()
    return features, met, given


@pytest.mark.real
def test_half_precision_is_layer_by_layer_that_of_openais(
    clip: Any, ours: Any, theirs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CUDA kernel refuses half activations beside float32 weights; a CPU's takes them, so the types are watched."""
    clip.model.convert_weights(ours)
    assert text_types(ours) == text_types(theirs)
    assert ours.dtype == theirs.dtype == torch.float16
    ids = clip.tokenize(TEXTS, truncate=True)
    found, met, given = run_watched(ours, ids, monkeypatch)
    expected, their_met, their_given = run_watched(theirs, ids, monkeypatch)
    assert met == their_met == [(torch.float32, torch.float32)] * 5
    assert given == their_given
    assert found.dtype == expected.dtype == torch.float16
    torch.testing.assert_close(found, expected, atol=2e-3, rtol=1e-2)


@pytest.mark.real
def test_word_features_in_half_precision_are_those_of_openais(clip: Any, ours: Any, theirs: Any) -> None:
    """As MMM and MotionDiffuse walk through it."""
    clip.model.convert_weights(ours)
    ids = clip.tokenize(TEXTS, truncate=True)
    features = []
    with torch.no_grad():
        for model in (ours, theirs):
            x = model.token_embedding(ids).type(model.dtype) + model.positional_embedding.type(model.dtype)
            x = model.transformer(x.permute(1, 0, 2)).permute(1, 0, 2)
            features.append(model.ln_final(x).type(model.dtype))
    assert features[0].dtype == torch.float16
    torch.testing.assert_close(features[0], features[1], atol=5e-3, rtol=1e-2)


@pytest.mark.real
@pytest.mark.parametrize("context_length", [77, 22, 100])
def test_tokens_are_those_of_clip_tokenize(clip: Any, ours: Any, context_length: int) -> None:
    expected = clip.tokenize(TEXTS, context_length=context_length, truncate=True)
    assert torch.equal(ours.tokenize(TEXTS, context_length=context_length, truncate=True), expected.long())
    assert torch.equal(ours.tokenize(TEXTS[0]), clip.tokenize(TEXTS[0]).long())
    swapped = SwappedText(ours, ours)
    assert torch.equal(swapped.tokenize(TEXTS, context_length=context_length), expected.long())


@pytest.mark.real
def test_a_text_that_may_not_be_cut_is_refused_as_there(clip: Any, ours: Any) -> None:
    with pytest.raises(RuntimeError, match="too long"):
        clip.tokenize(TEXTS, truncate=False)
    with pytest.raises(MateError, match=r"'left.*' is 102 tokens long; expected at most 77"):
        ours.tokenize(TEXTS, truncate=False)
    assert torch.equal(ours.tokenize(TEXTS[:3], truncate=False), clip.tokenize(TEXTS[:3]).long())
    assert ours.tokenize([]).shape == clip.tokenize([]).shape == (0, 77)


@pytest.mark.real
def test_two_encoders_in_one_follow_into_half_precision(clip: Any, ours: Any, folder: Path) -> None:
    """MMM's lines for Table 11, and the `convert_weights` that stands after them."""
    swapped = SwappedText(words=ours, sentences=mate_hf.load(folder / "model.safetensors"))
    expected = swapped.encode_text("a person walks")
    clip.model.convert_weights(swapped)
    assert swapped.dtype == torch.float16
    ids = clip.tokenize("a person walks")
    x = swapped.token_embedding(ids).type(swapped.dtype) + swapped.positional_embedding.type(swapped.dtype)
    assert swapped.ln_final(swapped.transformer(x.permute(1, 0, 2)).permute(1, 0, 2)).dtype == torch.float16
    torch.testing.assert_close(swapped.encode_text(ids).float(), expected, atol=5e-3, rtol=1e-2)


def test_it_comes_apart_as_the_pair_of_clip_load(folder: Path) -> None:
    model, preprocess = mate_hf.load(folder / "model.safetensors", device="cpu", jit=False)
    assert isinstance(model, nn.Module)
    again = mate_hf.load(folder / "model.safetensors")[0]
    ids = model.tokenize("a person walks")
    assert torch.equal(model.encode_text(ids), again.encode_text(ids))
    assert not any(name.startswith("visual") for name in model.state_dict())
    assert list(model.visual.parameters()) == []
    for asked in (
        lambda: preprocess("image"),
        lambda: model.encode_image("image"),
        lambda: model.visual("image"),
        lambda: model("image", ids),
    ):
        with pytest.raises(MateError, match=r"text encoder alone.*clip\.load"):
            asked()
    with pytest.raises(MateError, match=r"jit is true: .*Leave it out"):
        mate_hf.load(folder / "model.safetensors", jit=True)


def test_it_stays_a_module_like_any_other(ours: Any) -> None:
    """Iteration is for taking it apart; what works on modules does not mistake it for a list of them."""
    assert nn.ModuleDict({"clip": ours})["clip"] is ours
    assert ours.half().dtype == torch.float16
    assert ours.float().eval().requires_grad_(False) is ours
    assert len(list(ours.children())) == 4
    assert torch.isfinite(nn.DataParallel(ours)(ours.tokenize("a person"))).all()
