"""A residual VQ-VAE of motions: frames to codes and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers.utils import ModelOutput

from .configuration_vq import VQConfig
from .motion_model import MotionModel
from .residual_quantizer import ResidualQuantizer


@dataclass
class Reconstruction(ModelOutput):
    """Of a batch.

    Attributes:
        motion: normalised (B,T,F), zero where padded.
        codes: (B,P,levels); -1 where there is no frame, and for levels that were left out.
        commitment: see `ResidualQuantizer`.
    """

    motion: Tensor | None = None
    codes: Tensor | None = None
    commitment: Tensor | None = None


class VQModel(MotionModel):
    """Motions are normalised features, as `normalise` makes them; each is coded as if alone, padded or not."""

    config_class = VQConfig
    config: VQConfig
    base_model_prefix = "vq"
    main_input_name = "motion"

    def __init__(self, config: VQConfig) -> None:
        super().__init__(config)
        width, rates = config.hidden_size, [config.dilation**power for power in range(config.depth)]
        self.enter = MaskedConv(config.motion_width, width, 3)
        self.down = nn.ModuleList(
            nn.ModuleList(
                [MaskedConv(width, width, 4, stride=2), *(Residual(width, rate) for rate in reversed(rates))]
            )
            for _ in range(config.halvings)
        )
        self.code = MaskedConv(width, config.code_size, 3)
        self.quantizer = ResidualQuantizer(
            config.levels, config.codes, config.code_size, config.code_decay, config.level_dropout
        )
        self.uncode = MaskedConv(config.code_size, width, 3)
        self.up = nn.ModuleList(
            nn.ModuleList([*(Residual(width, rate) for rate in reversed(rates)), MaskedConv(width, width, 3)])
            for _ in range(config.halvings)
        )
        self.last = MaskedConv(width, width, 3)
        self.leave = MaskedConv(width, config.motion_width, 3)
        self.hold_statistics(config.motion_width)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, nn.Conv1d):
            module.reset_parameters()
        elif isinstance(module, ResidualQuantizer):
            for buffer, fill in (
                (module.books, 0.0),
                (module.counts, 1.0),
                (module.sums, 0.0),
                (module.begun, 0.0),
            ):
                nn.init.constant_(buffer, fill)

    def forward(self, motion: Tensor, mask: Tensor) -> Reconstruction:
        """Code and decode normalised motions (B,T,F), mask (B,T) True on real frames."""
        latents, there = self.latents(motion, mask)
        found = self.quantizer(latents[there])
        padded = torch.zeros_like(latents)
        padded[there] = found.latents
        return Reconstruction(self._decoded(padded, mask), _padded(found.codes, there), found.commitment)

    def encode(self, motion: Tensor, mask: Tensor) -> Tensor:
        """The codes (B,P,levels) of normalised motions (B,T,F); -1 where there is no frame. P is T / patch, rounded up."""
        latents, there = self.latents(motion, mask)
        return _padded(self.quantizer(latents[there]).codes, there)

    def decode(self, codes: Tensor, mask: Tensor) -> Tensor:
        """Codes (B,P,levels) -> normalised motions (B,T,F) of the frames that mask (B,T) says are there.

        Raises:
            ValueError: a mask of more frames than the codes are of.
        """
        if mask.shape[1] > codes.shape[1] * self.config.patch:
            raise ValueError(
                f"mask: {mask.shape[1]} frames; expected at most {codes.shape[1] * self.config.patch}, {self.config.patch} a code."
            )
        return self._decoded(self.quantizer.decode(codes).to(self.enter.conv.weight.dtype), mask)

    def latents(self, motion: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Before they are quantized (B,P,D), and which are there (B,P): a latent of which any frame is."""
        pad = -motion.shape[1] % self.config.patch
        there = F.pad(mask, (0, pad))
        # Whole patches: what is missing to the last one is like its last frame.
        last = there.view(len(mask), -1, self.config.patch).any(2).repeat_interleave(self.config.patch, 1)
        count = mask.sum(1)
        steps = torch.arange(there.shape[1], device=mask.device)
        frames = F.pad(motion, (0, 0, 0, pad)).gather(
            1, steps.minimum(count[:, None] - 1).clamp(min=0)[..., None].expand(-1, -1, motion.shape[2])
        )
        hidden, there = frames.transpose(1, 2), last
        hidden = F.relu(self.enter(hidden, there))
        for block in self.down:
            shrink, *residuals = cast(nn.ModuleList, block)
            hidden = shrink(hidden, there)
            there = there[:, ::2]
            for residual in residuals:
                hidden = residual(hidden, there)
        return self.code(hidden, there).transpose(1, 2), there

    def _decoded(self, latents: Tensor, mask: Tensor) -> Tensor:
        patch = self.config.patch
        frames = F.pad(mask, (0, latents.shape[1] * patch - mask.shape[1]))
        there = frames.view(len(mask), -1, patch).any(2)
        hidden = F.relu(self.uncode(latents.transpose(1, 2), there))
        for block in self.up:
            *residuals, grow = cast(nn.ModuleList, block)
            for residual in residuals:
                hidden = residual(hidden, there)
            there = there.repeat_interleave(2, 1)
            hidden = grow(hidden.repeat_interleave(2, 2), there)
        hidden = F.relu(self.last(hidden, there))
        return self.leave(hidden, there).transpose(1, 2)[:, : mask.shape[1]] * mask.unsqueeze(-1)


def _padded(codes: Tensor, there: Tensor) -> Tensor:
    """Codes (N,levels) where they are there (B,P): (B,P,levels), else -1."""
    placed = codes.new_full((*there.shape, codes.shape[1]), -1)
    placed[there] = codes
    return placed


class MaskedConv(nn.Module):
    """A convolution that sees zeros beyond the end of each motion, as if it stood alone."""

    def __init__(self, inner: int, outer: int, size: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inner, outer, size, stride, (size - stride + 1) // 2 * dilation, dilation)

    def forward(self, hidden: Tensor, there: Tensor) -> Tensor:
        """Hidden (B,C,T), there (B,T)."""
        found: Tensor = self.conv(hidden * there.unsqueeze(1).to(hidden.dtype))
        return found


class Residual(nn.Module):
    """Two convolutions beside the way through."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.wide = MaskedConv(width, width, 3, dilation=dilation)
        self.narrow = MaskedConv(width, width, 1)

    def forward(self, hidden: Tensor, there: Tensor) -> Tensor:
        """Hidden (B,C,T), there (B,T)."""
        found: Tensor = hidden + self.narrow(F.relu(self.wide(F.relu(hidden), there)), there)
        return found
