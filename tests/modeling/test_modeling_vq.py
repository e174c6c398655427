"""The VQ-VAE: each motion is coded as if alone, codes decode to what was reconstructed, and it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from mate_hf.modeling import VQConfig, VQModel

SIZES: dict[str, Any] = {"hidden_size": 16, "code_size": 8, "codes": 12, "levels": 3, "depth": 2}
LENGTHS = torch.tensor([50, 12, 33, 1])
MASK = torch.arange(50) < LENGTHS[:, None]


def make_model(**changed: Any) -> VQModel:
    """One that has seen a few batches."""
    torch.manual_seed(0)
    model = VQModel(VQConfig(**{**SIZES, **changed})).train()
    for _ in range(3):
        model(torch.randn(4, 50, 263), MASK)
    return model.eval()


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_each_motion_is_coded_as_if_alone(halvings: int) -> None:
    model, motion = make_model(halvings=halvings), torch.randn(4, 50, 263)
    together = model(motion, MASK)
    patch = 2**halvings
    assert together.codes.shape == (4, -(-50 // patch), 3)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = model(motion[row : row + 1, :length], MASK[row : row + 1, :length])
        count = -(-length // patch)
        assert torch.equal(alone.codes[0], together.codes[row, :count])
        assert (together.codes[row, count:] == -1).all()
        torch.testing.assert_close(together.motion[row, :length], alone.motion[0], atol=1e-5, rtol=1e-4)
        assert not together.motion[row, length:].any()


def test_codes_decode_to_the_reconstruction() -> None:
    model, motion = make_model(), torch.randn(4, 50, 263)
    found = model(motion, MASK)
    codes = model.encode(motion, MASK)
    assert torch.equal(codes, found.codes)
    torch.testing.assert_close(model.decode(codes, MASK), found.motion)
    with pytest.raises(ValueError, match="mask: 53 frames; expected at most 52, 4 a code"):
        model.decode(codes, torch.ones(4, 53, dtype=torch.bool))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_it_codes_in_any_precision(dtype: torch.dtype) -> None:
    model, motion = make_model().to(dtype), torch.randn(4, 50, 263).to(dtype)
    found = model(motion, MASK)
    assert torch.equal(model.encode(motion, MASK), found.codes)
    assert found.motion.dtype == dtype


def test_a_saved_model_opens_again_and_says_the_same(tmp_path: Path) -> None:
    model, motion = make_model(), torch.randn(4, 50, 263)
    model.set_statistics(torch.arange(263.0), torch.arange(1.0, 264.0))
    model.save_pretrained(tmp_path)
    again = VQModel.from_pretrained(tmp_path).eval()
    assert torch.equal(model(motion, MASK).motion, again(motion, MASK).motion)
    assert torch.equal(model.motion_std, again.motion_std)
    assert again.quantizer.begun.all()


def test_it_learns_to_reconstruct() -> None:
    torch.manual_seed(0)
    model = VQModel(VQConfig(**{**SIZES, "codes": 32, "level_dropout": 0.0})).train()
    waves = (
        torch.sin(torch.linspace(0, 6, 48)[:, None] + torch.linspace(0, 3, 263))
        * torch.tensor([1.0, 0.5])[:, None, None]
    )
    there = torch.ones(2, 48, dtype=torch.bool)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    errors = []
    for _ in range(60):
        found = model(waves, there)
        loss = (found.motion - waves).abs().mean()
        (loss + 0.02 * found.commitment).backward()
        optimizer.step()
        optimizer.zero_grad()
        errors.append(loss.item())
    assert errors[-1] < 0.4 * errors[0]
