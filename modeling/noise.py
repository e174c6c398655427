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

    def draw_times(
        self,
        count: int,
        generator: torch.Generator | None = None,
        shift: float = 1.0,
        share: float = 1.0,
    ) -> Tensor:
        """Times of training (count,), on the CPU: even over all, or moved toward noise.

        A motion is long and smooth: what it does can be read from it where a single number is nearly all noise, and only the last few
        hundredths of the even times ask what the words say.

        Args:
            shift: multiplies the ratio of noise to signal of what would be drawn evenly (Hoogeboom et al. 2023, of large images).
            share: of the times that are so moved.
        """
        if self.prediction == "flow":
            even = torch.rand(count, generator=generator) * self.timesteps
        else:
            even = torch.randint(self.timesteps, (count,), generator=generator).float()
        if shift == 1 or share == 0:
            return even
        moved = self._moved(torch.rand(count, generator=generator), shift) * self.timesteps
        if self.prediction != "flow":
            moved = moved.floor().clamp(max=self.timesteps - 1)
        return torch.where(torch.rand(count, generator=generator) < share, moved, even)

    def _moved(self, even: Tensor, shift: float) -> Tensor:
        """Shares of the way to noise (0 to 1) at which noise over signal is `shift` times what it is at the even ones."""
        if self.prediction == "flow":
            return shift * even / (1 + (shift - 1) * even)
        return torch.atan(shift * torch.tan(even * (math.pi / 2))) * (2 / math.pi)

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
