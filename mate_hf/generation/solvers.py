"""From noise to motion in a few steps: the schedulers of `diffusers`, behind one step that takes the clean motion."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.generation.settings import is_number, is_whole, told
from mate_hf.modeling.noise import NoiseProcess

DIFFUSION = ("sde", "dpm", "ddim", "ddpm")
"""DPM-Solver++ (Lu et al. 2022) in its stochastic form and without noise, DDIM, and DDPM (DDIM with all of the noise): of generators that say x0 or v."""
FLOW = ("euler",)
"""Of generators that say the velocity of a flow."""
DEFAULT_STEPS = 10

CLEAREST = -5.1
"""Logarithm of signal over noise from which solving begins: below, a motion is noise and nothing else."""


def solver_names(prediction: str) -> tuple[str, ...]:
    """Those that fit what a generator says, the default first."""
    return FLOW if prediction == "flow" else DIFFUSION


class Solver:
    """A scheduler set up for a number of steps.

    Args:
        process: of the generator.
        name: see `solver_names`; None for the default.
        steps: evaluations of the generator.
        strength: share of the way that is gone: 1 from pure noise, less from a motion that is made so noisy and no more.

    Attributes:
        times: for the generator, one a step.

    Raises:
        MateError: an unknown name, a number out of range, or no `diffusers`.
    """

    def __init__(
        self,
        process: NoiseProcess,
        name: str | None = None,
        steps: int = DEFAULT_STEPS,
        strength: float = 1.0,
    ) -> None:
        known = solver_names(process.prediction)
        self.name = known[0] if name is None else name
        if self.name not in known:
            raise MateError(
                f"solver: {name!r}; a generator that says {process.prediction} takes one of {', '.join(known)}."
            )
        if not is_whole(steps) or not 1 <= steps <= process.timesteps:
            raise MateError(f"steps: {told(steps)}; expected 1 to {process.timesteps}.")
        if not is_number(strength) or not 0 < strength <= 1:
            raise MateError(f"strength: {told(strength)}; expected more than 0 and at most 1.")
        self.process, self.steps, self.strength = process, steps, strength
        self._scheduler: Any = _scheduler(self.name, process.timesteps)
        self._scheduler.set_timesteps(steps)
        begin = min(round(steps * (1 - strength)), len(self._scheduler.timesteps) - 1)
        # DDIM remembers nothing of the steps before.
        if begin and hasattr(self._scheduler, "set_begin_index"):
            self._scheduler.set_begin_index(begin)
        self.times: Tensor = self._scheduler.timesteps[begin:]

    def fresh(self) -> Solver:
        """Another like it: schedulers remember the motion that they are at."""
        return Solver(self.process, self.name, self.steps, self.strength)

    @property
    def draws(self) -> bool:
        """Whether each step takes fresh noise."""
        return self.name in ("sde", "ddpm")

    def start(self, noise: Tensor, clean: Tensor | None = None) -> Tensor:
        """Where solving begins (N,T,F): noise, or a clean motion made as noisy as the first step has it."""
        if clean is None:
            return noise
        time = self.times[:1].to(noise.device, torch.float32).expand(len(noise))
        return self.process.noisy(clean, noise, time)

    def step(self, clean: Tensor, number: int, noisy: Tensor, noise: Tensor | None) -> Tensor:
        """The next, less noisy motion (N,T,F).

        Args:
            clean: what the noisy one is taken for, x0.
            number: of the step, from 0.
            noise: fresh, where the solver draws.
        """
        time = self.times[number]
        if self.name == "euler":
            share = (time / self.process.timesteps).to(noisy)
            found = self._scheduler.step((noisy - clean) / share, time, noisy)
        elif self.name == "ddpm":
            found = self._scheduler.step(clean, int(time), noisy, eta=1.0, variance_noise=noise)
        elif self.name == "sde":
            found = self._scheduler.step(clean, time, noisy, variance_noise=noise)
        else:
            found = self._scheduler.step(clean, int(time), noisy)
        following: Tensor = found.prev_sample
        return following


def _scheduler(name: str, timesteps: int) -> Any:
    try:
        from diffusers import (
            DDIMScheduler,
            DPMSolverMultistepScheduler,
            FlowMatchEulerDiscreteScheduler,
        )
    except ImportError as error:
        raise MateError(
            "making motions needs diffusers, which is not installed. Install it: pip install 'mate-hf[generation]'"
        ) from error
    if name == "euler":
        return FlowMatchEulerDiscreteScheduler(num_train_timesteps=timesteps)
    shared = {
        "num_train_timesteps": timesteps,
        "beta_schedule": "squaredcos_cap_v2",
        "prediction_type": "sample",
        "timestep_spacing": "trailing",
    }
    if name in ("ddim", "ddpm"):
        return DDIMScheduler(**shared, clip_sample=False, set_alpha_to_one=True)
    return DPMSolverMultistepScheduler(
        **shared,
        algorithm_type="dpmsolver++" if name == "dpm" else "sde-dpmsolver++",
        lambda_min_clipped=CLEAREST,
    )
