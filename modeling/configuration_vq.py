"""What a motion VQ-VAE is made of."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig


class VQConfig(PretrainedConfig):
    """Sizes of a `VQModel`, a residual VQ-VAE in the line of MoMask (Guo et al. 2024).

    Args:
        motion_width: features a frame, 263 (HumanML3D) or 251 (KIT-ML).
        motion_fps: frames per second.
        hidden_size: channels of the convolutions. code_size: of latents and codes.
        halvings: how often the frame rate is halved: two make a latent of four frames.
        depth: residual blocks a halving, of growing dilation. dilation: by which factor it grows.
        levels: of residual quantization. codes: of each level.
        code_decay: of the codebooks' running means. level_dropout: chance that a batch uses the first few levels only.
    """

    model_type = "mate_vq"

    def __init__(
        self,
        motion_width: int = 263,
        motion_fps: float = 20.0,
        hidden_size: int = 512,
        code_size: int = 512,
        halvings: int = 2,
        depth: int = 3,
        dilation: int = 3,
        levels: int = 6,
        codes: int = 512,
        code_decay: float = 0.99,
        level_dropout: float = 0.2,
        **kwargs: Any,
    ) -> None:
        self.motion_width = motion_width
        self.motion_fps = motion_fps
        self.hidden_size = hidden_size
        self.code_size = code_size
        self.halvings = halvings
        self.depth = depth
        self.dilation = dilation
        self.levels = levels
        self.codes = codes
        self.code_decay = code_decay
        self.level_dropout = level_dropout
        super().__init__(**kwargs)

    @property
    def patch(self) -> int:
        """Frames of a latent."""
        return int(2**self.halvings)
