"""Sequences in groups against all of them padded to the longest."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mate_hf.modeling import ragged
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import SequenceEncoder
from mate_hf.modeling.motion_autoencoder import MotionDecoder, MotionEncoder
from mate_hf.modeling.ragged import FEWEST, LengthGroups, length_groups
from tests.modeling.test_modeling_mate import tiny_model
from tests.tiny import CAPTIONS, FAMILIES


def masked(lengths: list[int]) -> Tensor:
    return torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)


WIDE = 10_000
LENGTHS = [9 + 7 * number % 60 for number in range(42)]


@given(lengths=st.lists(st.integers(1, 30), min_size=1, max_size=50), size=st.integers(1, 20))
@settings(deadline=None)
def test_groups_are_cut_to_their_longest_and_put_back(lengths: list[int], size: int) -> None:
    mask = masked(lengths)
    groups = LengthGroups(mask, size)
    sequences = torch.rand(*mask.shape, 3) * mask.unsqueeze(-1)
    parts = groups.cut(sequences)
    assert torch.equal(groups.join_padded(parts), sequences)
    vectors = torch.arange(len(lengths))
    shares = groups.share(vectors)
    assert torch.equal(groups.join(shares), vectors)
    for part, share in zip(parts, shares, strict=True):
        assert part.shape[:2] == (len(share), max(lengths[row] for row in share))
        assert len(share) <= size
    # No group's shortest is shorter than the longest of the group before it.
    ordered = [[lengths[row] for row in share] for share in shares]
    assert all(max(one) <= min(other) for one, other in pairwise(ordered))


@pytest.mark.parametrize("kind", ["frames", "summary", "decoder", "retrieval"])
def test_grouped_motions_have_the_features_and_gradients_of_padded_ones(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    mask = masked(LENGTHS)
    motion = torch.randn(*mask.shape, 5) * mask.unsqueeze(-1)
    module: nn.Module
    if kind == "decoder":
        module = MotionDecoder(5, 8, 2, 2, 16, dropout=0.0)
    elif kind == "retrieval":
        module = SequenceEncoder(
            5, False, TMRConfig(latent_size=8, layers=2, heads=2, feedforward=16, dropout=0.0)
        )
    else:
        module = MotionEncoder(5, 8, 2, 2, 16, dropout=0.0)
    widths: list[int] = []
    module.register_forward_pre_hook(lambda *_: widths.clear())
    for inner in module.modules():
        if isinstance(inner, nn.Linear):
            inner.register_forward_pre_hook(lambda _, args: widths.append(args[0].shape[-2]))

    def found() -> Tensor:
        if kind == "decoder":
            return module(torch.randn(len(mask), 8, generator=torch.manual_seed(1)), mask)
        if kind == "retrieval":
            return torch.cat([module(motion, mask).mean, module(motion, mask).logvar], 1)
        summary, frames = module(motion, mask)
        return summary if kind == "summary" else frames * mask.unsqueeze(-1)

    monkeypatch.setattr(ragged, "NUMBERS", 0)
    grouped = found()
    assert len(set(widths)) > 1
    monkeypatch.setattr(ragged, "FEWEST", sys.maxsize)
    whole = found()
    torch.testing.assert_close(grouped, whole, rtol=1e-4, atol=1e-5)
    used = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for one, other in zip(
        torch.autograd.grad(grouped.square().sum(), used, allow_unused=True, materialize_grads=True),
        torch.autograd.grad(whole.square().sum(), used, allow_unused=True, materialize_grads=True),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_what_has_no_padding_or_few_rows_is_encoded_at_once() -> None:
    assert length_groups(masked([7] * 40), WIDE) is None
    assert length_groups(masked(LENGTHS[:FEWEST]), WIDE) is None
    assert length_groups(masked(LENGTHS[: FEWEST + 1]), WIDE) is not None
    assert length_groups(masked(LENGTHS).to("meta"), WIDE) is None


def test_narrow_networks_take_larger_groups() -> None:
    sizes = {
        width: len(groups.rows[0])
        for width in (32, 64, 128, WIDE)
        if (groups := length_groups(masked([100, 60] * 100), width)) is not None
    }
    assert sizes == {32: 78, 64: 39, 128: 19, WIDE: FEWEST}
    assert length_groups(masked([100, 60] * 100), 8) is None


@pytest.mark.parametrize("family", FAMILIES)
def test_grouped_captions_have_the_features_and_gradients_of_padded_ones(
    family: str, text_encoders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model(text_encoders[family])
    captions = [caption[: 12 + 3 * number] for number, caption in enumerate(CAPTIONS * 7)]
    inputs = model.tokenizer(captions, padding=True, return_tensors="pt")
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    widths = []
    stock = model._encode

    def encode(ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        widths.append(ids.shape)
        return stock(ids, mask)

    monkeypatch.setattr(model, "_encode", encode)
    monkeypatch.setattr(ragged, "NUMBERS", 0)
    sentence, tokens = model.caption_features(ids, mask)
    assert [len(shape) and shape[0] for shape in widths] == [8] * 5 + [2]
    assert widths[0][1] < widths[-1][1] == ids.shape[1]
    monkeypatch.setattr(ragged, "FEWEST", sys.maxsize)
    whole, all_tokens = model.caption_features(ids, mask)
    torch.testing.assert_close(sentence, whole, rtol=1e-4, atol=1e-5)
    real = mask.bool()
    torch.testing.assert_close(tokens[real], all_tokens[real], rtol=1e-4, atol=1e-5)
    table = model.text_encoder.get_input_embeddings().weight
    [grouped] = torch.autograd.grad(sentence.square().sum(), table)
    [expected] = torch.autograd.grad(whole.square().sum(), table)
    torch.testing.assert_close(grouped, expected, rtol=1e-3, atol=1e-5)
