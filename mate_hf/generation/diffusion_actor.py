"""The diffusion generator in use: motions denoised in windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.generation.acting import Acted, Actor, Asked, Job, Sampling
from mate_hf.generation.attention import Looked, looked_at
from mate_hf.generation.editing import Kept
from mate_hf.generation.sampling import denoise
from mate_hf.generation.solvers import Solver, solver_names
from mate_hf.generation.windows import Window, windows_of
from mate_hf.modeling.modeling_mdm import MDMModel


class DiffusionActor(Actor):
    """See `Actor`."""

    model: MDMModel

    def __init__(self, model: MDMModel) -> None:
        super().__init__(model)
        self.mean, self.std = model.motion_mean, model.motion_std
        self.solvers = solver_names(model.config.prediction)

    def require(self, sampling: Sampling, keep: Kept | None = None) -> None:
        self._solver(sampling)

    def ticks(self, jobs: list[Job], asked: Asked) -> int:
        return len(self._solver(asked.sampling).times)

    def act(self, jobs: list[Job], asked: Asked, tick: Callable[[], None]) -> Acted:
        model, hold = self.model, asked.hold
        windows = [
            window
            for place, job in enumerate(jobs)
            for window in windows_of(place, job.actions, job.frames, model.config.longest)
        ]
        solver, start = self._solver(asked.sampling), None
        if hold is not None and solver.strength < 1:
            start = hold.clip.expand(len(jobs), -1, -1)
        made = denoise(
            model, asked.heard, windows, [job.length for job in jobs], [job.seed for job in jobs], solver,
            asked.sampling.guidance, hold, start, tick,
        )  # fmt: skip
        looked: list[Looked] = []
        if asked.attention:
            for place in range(len(jobs)):
                own = [window for window in windows if window.motion == place]
                looked.append(self._looked_at(made[place], own, asked, float(solver.times[-1])))
        return Acted(model.denormalise(made), looked)

    def _solver(self, sampling: Sampling) -> Solver:
        """Schedulers remember the motion that they are at: one a share."""
        return Solver(self.model.process, sampling.solver, sampling.steps, sampling.strength)

    def _looked_at(self, made: Tensor, windows: list[Window], asked: Asked, time: float) -> Looked:
        def look(window: Window) -> NDArray[np.float32]:
            text, mask, sentence, _ = asked.heard.rows([window.prompt])
            cut = made[None, window.start : window.end]
            there = torch.ones(cut.shape[:2], dtype=torch.bool, device=cut.device)
            times = torch.full((1,), time, device=cut.device)
            found: NDArray[np.float32] = (
                self.model.word_attention(cut, times, there, text, mask, sentence)[0].cpu().numpy()
            )
            return found

        return looked_at(windows, asked.heard, look)
