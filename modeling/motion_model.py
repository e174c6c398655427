"""What every network that reads motions shares: it takes raw features and normalises them itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import PreTrainedModel

Motion = Tensor | NDArray[Any]
"""Raw features, as torch or as numpy has them."""


class MotionModel(PreTrainedModel):
    """Holds the statistics of the corpus it was trained on, so that no one has to bring them along."""

    motion_mean: Tensor
    motion_std: Tensor

    def hold_statistics(self, width: int) -> None:
        """Make room for mean and standard deviation of `width` features a frame."""
        self.register_buffer("motion_mean", torch.zeros(width))
        self.register_buffer("motion_std", torch.ones(width))

    @torch.no_grad()
    def set_statistics(self, mean: Any, std: Any) -> None:
        """Take those of a corpus, both (width,)."""
        self.motion_mean.copy_(torch.as_tensor(mean))
        self.motion_std.copy_(torch.as_tensor(std))

    def normalise(self, motion: Tensor, mask: Tensor) -> Tensor:
        """Raw features (B,T,F) -> (x - mean) / std, zero where mask (B,T) is False."""
        return (motion - self.motion_mean) / self.motion_std * mask.unsqueeze(-1)

    def denormalise(self, motion: Tensor) -> Tensor:
        """Normalised features (B,T,F) -> raw ones."""
        return motion * self.motion_std + self.motion_mean

    def as_batch(self, motion: Motion) -> Tensor:
        """A motion (T,F), or a padded batch (B,T,F), of numpy or torch -> (B,T,F) of the model's device and type.

        Raises:
            ValueError: another shape, no frame, no numbers, or some that are not finite.
        """
        width = len(self.motion_mean)
        expected = f"expected {width} raw features a frame, (frames, {width}), or a padded batch (motions, frames, {width}) with its lengths."
        try:
            given = motion if isinstance(motion, Tensor) else torch.tensor(np.asarray(motion))
        # Lists of unequal lengths, and what holds no numbers.
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(
                f"motion: {type(motion).__name__} that is no array of numbers; {expected}"
            ) from error
        batch = given.unsqueeze(0) if given.dim() == 2 else given
        if batch.dim() != 3 or batch.shape[-1] != width or not batch.shape[1] or given.is_complex():
            raise ValueError(f"motion: shape {tuple(given.shape)} of {given.dtype}; {expected}")
        if not batch.isfinite().all():
            raise ValueError("motion: NaN or infinite numbers. Leave such frames out.")
        return batch.to(device=self.motion_mean.device, dtype=self.motion_mean.dtype)

    def _init_weights(self, module: nn.Module) -> None:
        # PyTorch's own initialisation, which TEMOS and TMR leave as it is; a text encoder inside keeps its makers'.
        if isinstance(module, (nn.Linear, nn.LayerNorm, nn.Embedding)):
            module.reset_parameters()
        elif isinstance(module, nn.MultiheadAttention):
            module._reset_parameters()
        elif module is self:
            nn.init.zeros_(self.motion_mean)
            nn.init.ones_(self.motion_std)
