"""Solvers against plain formulas: where they begin, where they end, and what each step is."""

from __future__ import annotations

import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.generation.solvers import DIFFUSION, Solver
from mate_hf.modeling.noise import NoiseProcess, cosine_signal


@pytest.mark.parametrize(("prediction", "name"), [*(("x0", name) for name in DIFFUSION), ("flow", "euler")])
@pytest.mark.parametrize("steps", [1, 10, 50])
def test_the_last_step_ends_at_what_was_said(prediction: str, name: str, steps: int) -> None:
    torch.manual_seed(0)
    clean, noisy = torch.randn(2, 8, 3), torch.randn(2, 8, 3)
    solver = Solver(NoiseProcess(prediction, 1000), name, steps)
    assert len(solver.times) == steps
    assert bool((solver.times.diff() < 0).all())
    for number in range(steps):
        noisy = solver.step(clean, number, noisy, torch.randn(2, 8, 3) if solver.draws else None)
    torch.testing.assert_close(noisy, clean, atol=1e-3, rtol=1e-3)


def test_ddim_is_its_formula() -> None:
    torch.manual_seed(0)
    solver = Solver(NoiseProcess("x0", 1000), "ddim", 4)
    assert solver.times.tolist() == [999, 749, 499, 249]
    variance = cosine_signal(1000, torch.device("cpu"))
    noisy, clean = torch.randn(1, 4, 2), torch.randn(1, 4, 2)
    for number, (time, following) in enumerate([(999, 749), (749, 499), (499, 249)]):
        noise = (noisy - variance[time].sqrt() * clean) / (1 - variance[time]).sqrt()
        wanted = variance[following].sqrt() * clean + (1 - variance[following]).sqrt() * noise
        noisy = solver.step(clean, number, noisy, None)
        torch.testing.assert_close(noisy, wanted, atol=1e-5, rtol=1e-5)


def test_a_weak_start_is_the_motion_made_noisy() -> None:
    solver = Solver(NoiseProcess("x0", 1000), "ddim", 10, strength=0.3)
    assert len(solver.times) == 3
    clean, noise = torch.randn(2, 8, 3), torch.randn(2, 8, 3)
    variance = cosine_signal(1000, torch.device("cpu"))[int(solver.times[0])]
    wanted = variance.sqrt() * clean + (1 - variance).sqrt() * noise
    torch.testing.assert_close(solver.start(noise, clean), wanted)
    noisy = wanted
    for number in range(3):
        noisy = solver.step(clean, number, noisy, None)
    torch.testing.assert_close(noisy, clean, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"name": "euler"}, "solver: 'euler'; a generator that says x0 takes one of sde"),
        ({"steps": 0}, "steps: 0; expected 1 to 1000"),
        ({"steps": 1001}, "steps: 1001"),
        ({"strength": 0.0}, "strength: 0; expected more than 0"),
        ({"strength": float("nan")}, "strength: nan"),
    ],
)
def test_what_cannot_be_is_named(settings: dict[str, object], said: str) -> None:
    with pytest.raises(MateError, match=said):
        Solver(NoiseProcess("x0", 1000), **settings)  # type: ignore[arg-type]
