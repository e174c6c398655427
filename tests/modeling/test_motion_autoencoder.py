"""The motion decoder's edges; its layers are tested in test_attention.py."""

from __future__ import annotations

import torch

from mate_hf.modeling.motion_autoencoder import MotionDecoder

FRAMES = 11


def test_the_decoder_gives_nothing_where_a_motion_has_ended() -> None:
    torch.manual_seed(0)
    decoder = MotionDecoder(7, 16, 1, 4, 32, 0.0).eval()
    mask = torch.arange(FRAMES) < torch.tensor([11, 4]).unsqueeze(1)
    decoded = decoder(torch.randn(2, 16), mask)
    assert decoded.shape == (2, FRAMES, 7)
    assert not decoded[1, 4:].any()
    assert decoded[1, :4].all()
