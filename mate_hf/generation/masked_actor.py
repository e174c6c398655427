"""The masked generator in use: codes filled in, window after window, and decoded."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.generation.acting import Acted, Actor, Asked, Job, Sampling
from mate_hf.generation.attention import Looked, looked_at
from mate_hf.generation.code_windows import code_windows
from mate_hf.generation.editing import Holder, Kept
from mate_hf.generation.settings import is_whole, told
from mate_hf.generation.windows import Window
from mate_hf.modeling.code_transformers import Said
from mate_hf.modeling.configuration_masked import VQ_FOLDER
from mate_hf.modeling.modeling_masked import MaskedModel
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.modeling.unmasking import unmask

MOST_STEPS = 1000


class MaskedActor(Actor):
    """See `Actor`. A code is one or another: what rounding adds in another company must not choose. So prompts are read one by one,
    and codes are said in double precision where the device has it.
    """

    together: ClassVar[int] = 1
    model: MaskedModel

    def __init__(self, model: MaskedModel, vq: VQModel) -> None:
        super().__init__(model)
        self.vq = vq
        self.mean, self.std = vq.motion_mean, vq.motion_std
        self.exact = model if model.device.type == "mps" else torch.nn.Module.double(deepcopy(model))

    @property
    def parts(self) -> dict[str, Any]:
        return {VQ_FOLDER: self.vq}

    def require(self, sampling: Sampling, keep: Kept | None = None) -> None:
        if sampling.solver is not None:
            raise MateError(
                f"solver: {sampling.solver!r}; a masked generator fills in codes and has none. Leave it out."
            )
        if not is_whole(sampling.steps) or not 1 <= sampling.steps <= MOST_STEPS:
            raise MateError(f"steps: {told(sampling.steps)}; expected 1 to {MOST_STEPS}.")
        if sampling.strength != 1:
            raise MateError(
                f"strength: {told(sampling.strength)}; a masked generator begins from nothing of a clip but from frames to keep. Name "
                "these, or take a generator of mate train-generator."
            )
        if keep is not None and keep.joints:
            raise MateError(
                "joints to keep: a code of a masked generator is a whole body. Name frames to keep, or take a generator of mate "
                "train-generator."
            )

    def ticks(self, jobs: list[Job], asked: Asked) -> int:
        return max(len(self._windows(0, job)) for job in jobs) * (
            asked.sampling.steps + self.model.config.levels - 1
        )

    @torch.no_grad()
    def act(self, jobs: list[Job], asked: Asked, tick: Callable[[], None]) -> Acted:
        windows = [self._windows(place, job) for place, job in enumerate(jobs)]
        randoms = [torch.Generator().manual_seed(job.seed) for job in jobs]
        codes = self._known(jobs, asked.hold)
        for number in range(max(map(len, windows))):
            together = [own[number] for own in windows if number < len(own)]
            self._fill(codes, together, randoms, asked, tick)
        frames = torch.tensor([job.length for job in jobs], device=self.vq.device)
        mask = torch.arange(int(frames.max()), device=self.vq.device) < frames[:, None]
        made = self.vq.decode(codes, mask)
        if asked.hold is not None:
            made = asked.hold(made)
        looked: list[Looked] = []
        if asked.attention:
            looked = [
                self._looked_at(codes, own, asked, job.length) for own, job in zip(windows, jobs, strict=True)
            ]
        return Acted(self.vq.denormalise(made), looked)

    def _windows(self, place: int, job: Job) -> list[Window]:
        config = self.model.config
        longest = max(config.longest // config.patch, 1)
        return code_windows(place, job.actions, job.frames, longest, config.patch)

    def _known(self, jobs: list[Job], hold: Holder | None) -> Tensor:
        """Codes (N,P,levels) that are given, -1 where they are not: those of whole patches, coded as if nothing stood around them."""
        config = self.model.config
        count = max(-(-job.length // config.patch) for job in jobs)
        codes = torch.full((len(jobs), count, config.levels), -1, device=self.vq.device)
        if hold is None:
            return codes
        whole = hold.whole[: len(hold.whole) // config.patch * config.patch].unflatten(0, (-1, config.patch))
        there = torch.nn.functional.pad(whole.all(1).long(), (1, 1)).diff()
        for first, last in zip(
            *(there.eq(edge).nonzero().flatten().tolist() for edge in (1, -1)), strict=True
        ):
            span = hold.clip[None, first * config.patch : last * config.patch]
            codes[:, first:last] = self.vq.encode(span, torch.ones_like(span[..., 0], dtype=torch.bool))
        return codes

    def _fill(
        self,
        codes: Tensor,
        windows: list[Window],
        randoms: list[torch.Generator],
        asked: Asked,
        tick: Callable[[], None],
    ) -> None:
        """Say what is still unknown in windows of different motions."""
        lengths = torch.tensor([window.end - window.start for window in windows], device=codes.device)
        there = torch.arange(int(lengths.max()), device=codes.device) < lengths[:, None]
        known = torch.full((*there.shape, codes.shape[-1]), -1, device=codes.device)
        for row, window in zip(known, windows, strict=True):
            row[: window.end - window.start] = codes[window.motion, window.start : window.end]
        said = self._said(asked, [window.prompt for window in windows])
        own = [randoms[window.motion] for window in windows]
        sampling = asked.sampling
        found = unmask(self.exact, known, there, said, own, sampling.steps, sampling.guidance, tick)
        for row, window in zip(found, windows, strict=True):
            codes[window.motion, window.start : window.end] = row[: window.end - window.start]

    def _said(self, asked: Asked, prompts: list[int]) -> Said:
        text, mask, sentence, silent = asked.heard.rows(prompts)
        dtype = self.exact.dtype
        return self.exact.said(text.to(dtype), mask, sentence.to(dtype), silent)

    def _looked_at(self, codes: Tensor, windows: list[Window], asked: Asked, frames: int) -> Looked:
        """Codes that a window goes on from were said by the one before, and looked at its words."""
        patch = self.model.config.patch
        said: dict[Window, Window] = {}
        reached = 0
        for window in windows:
            new = replace(window, start=reached * patch, end=min(window.end * patch, frames))
            said[new], reached = window, window.end

        def look(new: Window) -> NDArray[np.float32]:
            window = said[new]
            cut = codes[None, window.motion, window.start : window.end, 0]
            weights = self.exact.word_attention(
                cut, torch.ones_like(cut, dtype=torch.bool), self._said(asked, [window.prompt])
            )[0, new.start - window.start * patch :]
            found: NDArray[np.float32] = weights[: new.end - new.start].float().cpu().numpy()
            return found

        return looked_at(list(said), asked.heard, look)
