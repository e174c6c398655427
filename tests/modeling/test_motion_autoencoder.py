"""The decoder's short cut against PyTorch's own layers."""

from __future__ import annotations

import torch
from torch import nn

from mate_hf.modeling.motion_autoencoder import MotionDecoder, SingleMemoryLayer

WIDTH, HEADS, FRAMES, BATCH = 16, 4, 11, 3


def test_a_memory_of_one_vector_needs_no_query() -> None:
    torch.manual_seed(0)
    ours = nn.TransformerDecoder(
        SingleMemoryLayer(WIDTH, HEADS, 32, 0.0, activation="gelu", batch_first=True), 2
    ).double()
    theirs = nn.TransformerDecoder(
        nn.TransformerDecoderLayer(WIDTH, HEADS, 32, 0.0, activation="gelu", batch_first=True), 2
    ).double()
    theirs.load_state_dict(ours.state_dict())
    times = torch.randn(BATCH, FRAMES, WIDTH).double()
    memory = torch.randn(BATCH, 1, WIDTH).double()
    padded = torch.arange(FRAMES) >= torch.tensor([11, 7, 2]).unsqueeze(1)
    for model in (ours, theirs):
        model(times, memory, tgt_key_padding_mask=padded)[~padded].square().sum().backward()
    found, expected = (model(times, memory, tgt_key_padding_mask=padded) for model in (ours, theirs))
    torch.testing.assert_close(found[~padded], expected[~padded], rtol=1e-10, atol=1e-12)
    gradients = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        torch.testing.assert_close(parameter.grad, gradients[name].grad, rtol=1e-8, atol=1e-10, msg=name)


def test_dropout_leaves_the_mean_where_it_was_and_differs_from_frame_to_frame() -> None:
    torch.manual_seed(0)
    layer = SingleMemoryLayer(WIDTH, HEADS, 32, 0.3, batch_first=True).train()
    layer.dropout2.p = 0.0
    x, memory = torch.zeros(1, 20000, WIDTH), torch.randn(1, 1, WIDTH)
    with torch.no_grad():
        noisy = layer._mha_block(x, memory, None, None)[0]
        exact = layer.eval()._mha_block(x, memory, None, None)[0, 0]
    assert len(noisy.unique(dim=0)) == 2**HEADS
    torch.testing.assert_close(noisy.mean(0), exact, rtol=0, atol=0.02)


def test_the_decoder_gives_nothing_where_a_motion_has_ended() -> None:
    torch.manual_seed(0)
    decoder = MotionDecoder(7, WIDTH, 1, HEADS, 32, 0.0).eval()
    mask = torch.arange(FRAMES) < torch.tensor([11, 4]).unsqueeze(1)
    decoded = decoder(torch.randn(2, WIDTH), mask)
    assert decoded.shape == (2, FRAMES, 7)
    assert not decoded[1, 4:].any()
    assert decoded[1, :4].all()
