"""The denoising of motions, with classifier-free guidance, and with what is given kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from mate_hf.generation.reading import Heard
from mate_hf.generation.solvers import Solver
from mate_hf.generation.windows import Mixer, Window
from mate_hf.modeling.modeling_mdm import MDMModel

Hold = Callable[[Tensor], Tensor]
"""Puts what is given into clean motions (N,T,F), normalised."""


class Noise:
    """Each motion's own random numbers: the same whatever stands beside it.

    Args:
        seeds: of each motion.
        frames: of each motion.
    """

    def __init__(self, seeds: Sequence[int], frames: Sequence[int], width: int, device: torch.device) -> None:
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.frames, self.width, self.device = frames, width, device

    def draw(self) -> Tensor:
        """(N, longest, width), zero behind each motion's end."""
        drawn = torch.zeros(len(self.frames), max(self.frames), self.width)
        for row, generator, count in zip(drawn, self.generators, self.frames, strict=True):
            row[:count] = torch.randn(count, self.width, generator=generator)
        return drawn.to(self.device)


@torch.no_grad()
def denoise(
    model: MDMModel,
    heard: Heard,
    windows: Sequence[Window],
    frames: Sequence[int],
    seeds: Sequence[int],
    solver: Solver,
    guidance: float,
    hold: Hold | None = None,
    start: Tensor | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Tensor:
    """Motions (N, longest, F), normalised, zero behind their ends.

    Args:
        heard: prompts; windows name them by number.
        frames, seeds: of each motion.
        guidance: how much more is made of the prompt than of none; 1 is none.
        hold: what is given is put in at every step.
        start: normalised motions (N, longest, F) to begin from, where the solver does not begin from noise.
        tick: called after every step.
    """
    device = model.device
    mixer = Mixer(windows, len(frames), max(frames), device)
    counts = torch.tensor([window.end - window.start for window in windows], device=device)
    mask = torch.arange(mixer.longest, device=device) < counts[:, None]
    asked = _asked(heard, windows, mask, guidance)
    noise = Noise(seeds, frames, len(model.motion_mean), device)
    noisy = solver.start(noise.draw(), start)
    for number, time in enumerate(solver.times):
        clean = mixer.join(_guided(model, mixer.cut(noisy), float(time), asked, guidance))
        if hold is not None:
            clean = hold(clean)
        noisy = solver.step(clean, number, noisy, noise.draw() if solver.draws else None)
        tick()
    there = torch.arange(noisy.shape[1], device=device) < torch.tensor(frames, device=device)[:, None]
    return (noisy if hold is None else hold(noisy)) * there.unsqueeze(-1)


Asked = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""Mask, text, its mask, sentence and silence of each window, as the generator takes them."""


def _asked(heard: Heard, windows: Sequence[Window], mask: Tensor, guidance: float) -> Asked:
    """What is the same at every step: each window once, and with guidance once more, as if nothing was said."""
    text, text_mask, sentence, silent = heard.rows([window.prompt for window in windows])
    if guidance == 1:
        return mask, text, text_mask, sentence, silent
    mask, text, text_mask, sentence = (torch.cat([part, part]) for part in (mask, text, text_mask, sentence))
    return mask, text, text_mask, sentence, torch.cat([silent, torch.ones_like(silent)])


def _guided(model: MDMModel, noisy: Tensor, time: float, asked: Asked, guidance: float) -> Tensor:
    """The clean windows: what the prompt makes of them, and more of it."""
    given = noisy if guidance == 1 else torch.cat([noisy, noisy])
    times = torch.full((len(given),), time, device=given.device)
    clean = model.process.clean(model(given, times, *asked), given, times)
    if guidance == 1:
        return clean
    spoken, quiet = clean.chunk(2)
    return quiet + guidance * (spoken - quiet)
