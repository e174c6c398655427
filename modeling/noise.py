"""How motions are noised in training, and what a network's prediction says of the clean one."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

MOST_AT_ONCE = 0.999
"""Largest share of the signal's variance that one step of the cosine schedule takes away."""


@lru_cache
def cosine_signal(timesteps: int, device: torch.device) -> Tensor:
    """Share of the signal's variance that is left after each step (timesteps,), Nichol and Dhariwal (2021)."""

    def left(time: float) -> float:
        return math.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2

    kept = [
        1 - min(1 - left((step + 1) / timesteps) / left(step / timesteps), MOST_AT_ONCE)
        for step in range(timesteps)
    ]
    return torch.tensor(kept, dtype=torch.float64).cumprod(0).float().to(device)


class NoiseProcess:
    """x_t = signal x0 + noise e, and back.

    Times are in [0, timesteps): whole steps of the cosine schedule for `x0` and `v`; for `flow` the share of noise times timesteps.

    Args:
        prediction: what the network says: `x0`, `v` = signal e - noise x0, or `flow` = e - x0.
    """

    def __init__(self, prediction: str, timesteps: int) -> None:
        self.prediction, self.timesteps = prediction, timesteps

    def draw_times(self, count: int, generator: torch.Generator | None = None) -> Tensor:
        """Times of training (count,), on the CPU: even over all."""
        if self.prediction == "flow":
            return torch.rand(count, generator=generator) * self.timesteps
        return torch.randint(self.timesteps, (count,), generator=generator).float()

    def levels(self, time: Tensor) -> tuple[Tensor, Tensor]:
        """Signal and noise at each time (B,), both (B,1,1)."""
        if self.prediction == "flow":
            noise = (time / self.timesteps)[:, None, None]
            return 1 - noise, noise
        variance = cosine_signal(self.timesteps, time.device)[time.long()][:, None, None]
        return variance.sqrt(), (1 - variance).sqrt()

    def noisy(self, clean: Tensor, noise: Tensor, time: Tensor) -> Tensor:
        """x_t of motions (B,T,F)."""
        signal, level = self.levels(time)
        return signal * clean + level * noise

    def target(self, clean: Tensor, noise: Tensor, time: Tensor) -> Tensor:
        """What the network should say, (B,T,F)."""
        if self.prediction == "x0":
            return clean
        if self.prediction == "flow":
            return noise - clean
        signal, level = self.levels(time)
        return signal * noise - level * clean

    def clean(self, predicted: Tensor, noisy: Tensor, time: Tensor) -> Tensor:
        """x0 (B,T,F) that a prediction stands for: the one-step estimate."""
        if self.prediction == "x0":
            return predicted
        signal, level = self.levels(time)
        if self.prediction == "flow":
            return noisy - level * predicted
        return signal * noisy - level * predicted
