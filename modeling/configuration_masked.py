"""What a masked generator of motion codes is made of."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig

from .configuration_mdm import require_conditions

VQ_FOLDER = "vq"
"""Of a model's folder: the VQ-VAE whose codes it says."""


class MaskedConfig(PretrainedConfig):
    """Sizes of a `MaskedModel`, a generator of the codes of a `VQModel` in the line of MoMask (Guo et al. 2024).

    Args:
        text_encoder, text_revision, text_digest, text_reading_digest, text_width, sentence_width: see `MDMConfig`.
        vq: the run or folder that its VQ-VAE was opened from.
        vq_digest: a digest of that one's weights: codes mean what they meant in training, or nothing.
        motion_width, motion_fps: of the motions that the VQ-VAE decodes.
        patch: frames of a code. codes: of each level. levels: of codes.
        longest: frames of the longest motion it was trained on.
        hidden_size, layers, heads, feedforward, dropout: of the transformer that says the first level.
        residual_layers: blocks of the one that says the others, which is as wide.
        conditions: see `MDMConfig`.
    """

    model_type = "mate_masked"

    def __init__(
        self,
        text_encoder: str = "openai/clip-vit-base-patch32",
        text_revision: str | None = None,
        text_digest: str | None = None,
        text_reading_digest: str | None = None,
        text_width: int = 512,
        sentence_width: int = 512,
        vq: str | None = None,
        vq_digest: str | None = None,
        motion_width: int = 263,
        motion_fps: float = 20.0,
        patch: int = 4,
        codes: int = 512,
        levels: int = 6,
        longest: int = 196,
        hidden_size: int = 384,
        layers: int = 8,
        residual_layers: int = 8,
        heads: int = 6,
        feedforward: int = 1024,
        dropout: float = 0.2,
        conditions: str = "words",
        **kwargs: Any,
    ) -> None:
        if hidden_size % heads or hidden_size % 2:
            raise ValueError(f"hidden_size: {hidden_size}; expected an even multiple of heads ({heads}).")
        require_conditions(conditions)
        self.text_encoder = text_encoder
        self.text_revision = text_revision
        self.text_digest = text_digest
        self.text_reading_digest = text_reading_digest
        self.text_width = text_width
        self.sentence_width = sentence_width
        self.vq = vq
        self.vq_digest = vq_digest
        self.motion_width = motion_width
        self.motion_fps = motion_fps
        self.patch = patch
        self.codes = codes
        self.levels = levels
        self.longest = longest
        self.hidden_size = hidden_size
        self.layers = layers
        self.residual_layers = residual_layers
        self.heads = heads
        self.feedforward = feedforward
        self.dropout = dropout
        self.conditions = conditions
        super().__init__(**kwargs)
