"""Motions, made a share at a time so that memory stays small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress

from mate_hf.data.kinds import MotionKind
from mate_hf.data.motion_features import recover
from mate_hf.generation.agreement import agreed
from mate_hf.generation.editing import Holder
from mate_hf.generation.generated import Generated
from mate_hf.generation.reading import Heard
from mate_hf.generation.sampling import denoise
from mate_hf.generation.smoothing import smoothed
from mate_hf.generation.solvers import Solver
from mate_hf.generation.windows import Window, windows_of
from mate_hf.modeling.modeling_mdm import MDMModel
from mate_hf.utils.terminal import terminal_of_bars

ROOM = 6000
"""Frames that are denoised at once, on whatever device: memory stays small, and a GPU is busy."""


@dataclass
class Job:
    """One motion to make: its actions, by the numbers of their prompts, the frames of each, and the seed of its noise."""

    actions: list[int]
    frames: list[int]
    seed: int

    @property
    def length(self) -> int:
        """Frames in all."""
        return sum(self.frames)


@dataclass
class Acting:
    """How prompts are acted out.

    Attributes:
        heard: what the encoder says of `prompts`.
        attention: also note how much each frame looks at each word.
        hold: what of a clip is given.
    """

    model: MDMModel
    kind: MotionKind
    prompts: list[str]
    heard: Heard
    solver: Solver
    guidance: float
    attention: bool = False
    hold: Holder | None = None

    def make(self, jobs: list[Job], notes: list[str], progress: bool) -> Generated:
        """Make motions, in the order of `jobs`."""
        found = Generated([], [], [], self.kind.fps, [job.seed for job in jobs], notes=notes)
        shares = shares_of(jobs)
        bar = Progress(console=terminal_of_bars(), disable=not progress, transient=True)
        with bar:
            task = bar.add_task("acting", total=len(shares) * len(self.solver.times))
            for share in shares:
                self._act(share, found, lambda: bar.advance(task))
        return found

    def _act(self, jobs: list[Job], found: Generated, tick: Callable[[], None]) -> None:
        """Add the motions of a share to those found."""
        model, frames = self.model, [job.length for job in jobs]
        windows = [
            window
            for place, job in enumerate(jobs)
            for window in windows_of(place, job.actions, job.frames, model.config.longest)
        ]
        start = None
        if self.hold is not None and self.solver.strength < 1:
            start = self.hold.clip.expand(len(jobs), -1, -1)
        made = denoise(
            model, self.heard, windows, frames, [job.seed for job in jobs], self.solver.fresh(), self.guidance, self.hold,
            start, tick,
        )  # fmt: skip
        given = None if self.hold is None else self.hold.given.cpu().numpy()
        raw = model.denormalise(made).double().cpu().numpy()
        for place, job in enumerate(jobs):
            features = agreed(raw[place, : job.length].astype(np.float32), self.kind, given)
            if given is not None:
                features = smoothed(features, self.kind, given)
            found.prompts.append("; ".join(self.prompts[action] for action in job.actions))
            found.features.append(features)
            found.joints.append(recover(features, self.kind))
            if self.attention:
                own = [window for window in windows if window.motion == place]
                found.attention.append(self._looked_at(made[place], own))

    def _looked_at(self, made: torch.Tensor, windows: list[Window]) -> tuple[list[str], NDArray[np.float32]]:
        """The words of a motion's prompts in order, and how much each frame looks at each."""
        spoken = list(dict.fromkeys(window.prompt for window in windows))
        words = [(prompt, word, tokens) for prompt in spoken for word, tokens in self.heard.words[prompt]]
        weights = np.zeros((int(max(window.end for window in windows)), len(words)), dtype=np.float32)
        seen = np.zeros(len(weights), dtype=np.float32)
        for window in windows:
            text, mask, sentence, _ = self.heard.rows([window.prompt])
            cut = made[None, window.start : window.end]
            there = torch.ones(cut.shape[:2], dtype=torch.bool, device=cut.device)
            times = torch.full((1,), float(self.solver.times[-1]), device=cut.device)
            looked = self.model.word_attention(cut, times, there, text, mask, sentence)[0].cpu().numpy()
            seen[window.start : window.end] += 1
            for column, (prompt, _, tokens) in enumerate(words):
                if prompt == window.prompt:
                    weights[window.start : window.end, column] += looked[:, tokens].sum(1)
        return [word for _, word, _ in words], weights / seen[:, None]


def shares_of(jobs: list[Job]) -> list[list[Job]]:
    """Jobs in order, `ROOM` frames at once."""
    shares: list[list[Job]] = [[]]
    for job in jobs:
        longest = max([job.length, *(other.length for other in shares[-1])])
        if shares[-1] and longest * (len(shares[-1]) + 1) > ROOM:
            shares.append([])
        shares[-1].append(job)
    return shares
