"""Attention and layers against PyTorch's own, and what they drop."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from mate_hf.modeling.attention import EncoderLayer, SingleMemoryLayer, attend
from mate_hf.modeling.dropout import dropout

WIDTH, HEADS, FRAMES, BATCH = 16, 4, 11, 3


def padding() -> Tensor:
    return torch.arange(FRAMES) >= torch.tensor([11, 7, 2]).unsqueeze(1)


def test_dropped_weights_are_those_of_the_softmax() -> None:
    torch.manual_seed(0)
    queries, keys, values = (torch.randn(BATCH, HEADS, FRAMES, 4).double() for _ in range(3))
    seen = ~padding()
    torch.manual_seed(1)
    kept = dropout(torch.ones(BATCH, HEADS, FRAMES, FRAMES).double(), 0.3)
    expected = torch.zeros_like(queries)
    for clip in range(BATCH):
        for head in range(HEADS):
            for place in range(FRAMES):
                look = seen[clip].nonzero().flatten()
                logits = torch.stack([queries[clip, head, place] @ keys[clip, head, t] / 2 for t in look])
                for weight, t in zip(logits.softmax(0), look, strict=True):
                    expected[clip, head, place] += weight * kept[clip, head, place, t] * values[clip, head, t]
    added = torch.zeros(BATCH, FRAMES).double().masked_fill(~seen, float("-inf"))
    for mask in (seen, added):
        torch.manual_seed(1)
        found = attend(queries, keys, values, mask[:, None, None], 0.3)
        torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("trained", [True, False])
def test_an_encoder_layer_is_pytorchs(trained: bool) -> None:
    torch.manual_seed(0)
    ours = nn.TransformerEncoder(EncoderLayer(WIDTH, HEADS, 32, 0.0), 2, enable_nested_tensor=False)
    theirs = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(WIDTH, HEADS, 32, 0.0, activation="gelu", batch_first=True),
        2,
        enable_nested_tensor=False,
    )
    theirs.load_state_dict(ours.state_dict())
    tokens = torch.randn(BATCH, FRAMES, WIDTH).double()
    found, expected = (
        model.double().train(trained)(tokens, src_key_padding_mask=padding()) for model in (ours, theirs)
    )
    torch.testing.assert_close(found[~padding()], expected[~padding()], rtol=1e-10, atol=1e-12)
    for output in (found, expected):
        output[~padding()].square().sum().backward()
    gradients = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        torch.testing.assert_close(parameter.grad, gradients[name].grad, rtol=1e-8, atol=1e-10, msg=name)


def test_a_memory_of_one_vector_needs_no_query() -> None:
    torch.manual_seed(0)
    ours = nn.TransformerDecoder(SingleMemoryLayer(WIDTH, HEADS, 32, 0.0), 2).double()
    theirs = nn.TransformerDecoder(
        nn.TransformerDecoderLayer(WIDTH, HEADS, 32, 0.0, activation="gelu", batch_first=True), 2
    ).double()
    theirs.load_state_dict(ours.state_dict())
    times = torch.randn(BATCH, FRAMES, WIDTH).double()
    memory = torch.randn(BATCH, 1, WIDTH).double()
    real = ~padding()
    for model in (ours, theirs):
        model(times, memory, tgt_key_padding_mask=~real)[real].square().sum().backward()
    found, expected = (model(times, memory, tgt_key_padding_mask=~real) for model in (ours, theirs))
    torch.testing.assert_close(found[real], expected[real], rtol=1e-10, atol=1e-12)
    gradients = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        torch.testing.assert_close(parameter.grad, gradients[name].grad, rtol=1e-8, atol=1e-10, msg=name)


@pytest.mark.parametrize("place", ["self_attn", "dropout", "dropout1", "dropout2", "dropout3"])
@pytest.mark.parametrize("kind", [EncoderLayer, SingleMemoryLayer])
def test_every_dropout_of_a_layer_drops(kind: type[nn.Module], place: str) -> None:
    layer = kind(WIDTH, HEADS, 32, 0.5).eval()
    if not hasattr(layer, place):
        return
    layer.get_submodule(place).train()
    tokens = torch.randn(1, 40, WIDTH)
    inputs = (tokens, torch.randn(1, 1, WIDTH)) if kind is SingleMemoryLayer else (tokens,)
    assert not torch.equal(layer(*inputs), layer(*inputs))


def test_dropping_the_memorys_weight_leaves_the_mean_where_it_was_and_differs_from_frame_to_frame() -> None:
    torch.manual_seed(0)
    layer = SingleMemoryLayer(WIDTH, HEADS, 32, 0.3).train()
    layer.dropout2.p = 0.0
    x, memory = torch.zeros(1, 20000, WIDTH), torch.randn(1, 1, WIDTH)
    with torch.no_grad():
        noisy = layer._mha_block(x, memory, None, None)[0]
        exact = layer.eval()._mha_block(x, memory, None, None)[0, 0]
    assert len(noisy.unique(dim=0)) == 2**HEADS
    torch.testing.assert_close(noisy.mean(0), exact, rtol=0, atol=0.02)
