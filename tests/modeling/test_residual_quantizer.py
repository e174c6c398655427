"""Residual codes against plain loops; codebooks follow, idle codes move, and nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from mate_hf.modeling.residual_quantizer import ResidualQuantizer


def quantizer(levels: int = 3, codes: int = 5, **settings: float) -> ResidualQuantizer:
    torch.manual_seed(0)
    found = ResidualQuantizer(levels, codes, 4, **settings)
    found.books.copy_(torch.randn(levels, codes, 4))
    found.sums.copy_(found.books)
    found.begun[:] = True
    return found


def loops(books: Sequence[np.ndarray], latent: np.ndarray) -> tuple[list[int], np.ndarray, list[float]]:
    left, total, chosen, away = latent.copy(), np.zeros_like(latent), [], []
    for book in books:
        distances = [float(((left - code) ** 2).sum()) for code in book]
        chosen.append(int(np.argmin(distances)))
        away.append(min(distances) / len(latent))
        total += book[chosen[-1]]
        left = left - book[chosen[-1]]
    return chosen, total, away


def test_codes_are_the_nearest_of_what_is_left() -> None:
    layer = quantizer().eval()
    latents = torch.randn(20, 4)
    found = layer(latents)
    books = layer.books.double().numpy()
    expected = [loops(books, row) for row in latents.double().numpy()]
    assert found.codes.tolist() == [chosen for chosen, _, _ in expected]
    np.testing.assert_allclose(found.latents.numpy(), [total for _, total, _ in expected], atol=1e-5)
    commitment = np.mean([away for _, _, away in expected])
    assert found.commitment.item() == pytest.approx(commitment, rel=1e-5)
    torch.testing.assert_close(layer.decode(found.codes), found.latents)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_codes_are_the_nearest_in_any_precision(dtype: torch.dtype) -> None:
    layer = quantizer(levels=1).eval().to(dtype)
    latents = torch.randn(20, 4).to(dtype)
    (book,) = layer.books.double().numpy()
    expected = [loops([book], row)[0] for row in latents.double().numpy()]
    assert layer(latents).codes.tolist() == expected
    with torch.autocast("cpu"):
        assert layer(latents).codes.tolist() == expected


def test_gradients_pass_as_if_nothing_was_quantized_and_commitment_pulls() -> None:
    layer = quantizer().eval()
    latents = torch.randn(6, 4, requires_grad=True)
    found = layer(latents)
    weights = torch.randn(6, 4)
    (found.latents * weights).sum().backward()
    torch.testing.assert_close(latents.grad, weights)
    latents.grad = None
    layer(latents).commitment.backward()
    left, expected = latents.detach().clone(), torch.zeros(6, 4)
    for level in range(3):
        left = left - layer.books[level][found.codes[:, level]]
        expected += 2 * left / (6 * 4 * 3)
    torch.testing.assert_close(latents.grad, expected, atol=1e-6, rtol=1e-4)


def test_codebooks_take_running_means_and_idle_codes_move_onto_latents() -> None:
    layer = quantizer(levels=1, decay=0.9).train()
    layer.counts[0] = torch.tensor([9.0, 9.0, 0.5, 9.0, 9.0])
    layer.sums[0] = layer.books[0] * layer.counts[0][:, None]
    before, counts = layer.books[0].clone(), layer.counts[0].clone()
    latents = torch.cat([before[0] + 0.01 * torch.randn(7, 4), before[3] + 0.01 * torch.randn(5, 4)])
    chosen = layer(latents).codes[:, 0]
    assert set(chosen.tolist()) == {0, 3}
    for code in (0, 1, 3, 4):
        rows = latents[chosen == code]
        count = 0.9 * float(counts[code]) + 0.1 * len(rows)
        mean = (0.9 * before[code] * counts[code] + 0.1 * rows.sum(0)) / count
        torch.testing.assert_close(layer.books[0, code], mean, atol=1e-5, rtol=1e-4)
    assert any(torch.equal(layer.books[0, 2], row) for row in latents)


def test_codebooks_begin_on_latents_and_stay_in_evaluation() -> None:
    torch.manual_seed(1)
    layer = ResidualQuantizer(2, 8, 4)
    latents = torch.randn(50, 4) + 3
    layer.train()(latents)
    assert layer.begun.all()
    before = {name: buffer.clone() for name, buffer in layer.state_dict().items()}
    again = layer.eval()(latents)
    assert all(torch.equal(before[name], buffer) for name, buffer in layer.state_dict().items())
    assert again.commitment < latents.square().mean() / 4


def test_few_latents_begin_as_different_codes() -> None:
    layer = ResidualQuantizer(1, 8, 4).train()
    torch.manual_seed(0)
    layer._begin(0, torch.randn(3, 4))
    assert len(torch.unique(layer.books[0], dim=0)) == 8


def test_levels_are_left_out_from_the_last_on() -> None:
    layer = quantizer(levels=4, level_dropout=1.0).train()
    seen = set()
    for seed in range(20):
        torch.manual_seed(seed)
        used = (layer(torch.randn(30, 4)).codes >= 0).all(0).tolist()
        assert used == sorted(used, reverse=True)
        seen.add(sum(used))
    assert seen == {1, 2, 3}
    codes = layer.eval()(torch.randn(5, 4)).codes
    assert (codes >= 0).all()
    short = codes.clone()
    short[:, 2:] = -1
    torch.testing.assert_close(layer.decode(short), layer.decode(codes[:, :2]))


def test_a_seed_fixes_what_is_drawn() -> None:
    found = []
    for _ in range(2):
        layer = quantizer(level_dropout=0.5).train()
        torch.manual_seed(7)
        for _ in range(3):
            layer(torch.randn(9, 4))
        found.append(layer.books.clone())
    assert torch.equal(*found)
