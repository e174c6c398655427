"""What a text-motion retrieval model is made of."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig


class TMRConfig(PretrainedConfig):
    """Sizes of a `TMRModel` (Petrovich et al. 2023). Defaults are TMR's; OpenTMA differs by 4 layers and `text_relu`.

    Args:
        text_encoder: Hub id, folder, or `package:NAME` of the frozen encoder whose token features are the text input.
        text_revision: its Hub revision.
        text_width: width of those token features.
        text_relu: apply a ReLU to the token features before they are projected (OpenTMA).
        motion_width: features a frame, 263 (HumanML3D) or 251 (KIT-ML).
        motion_fps: frames per second.
        latent_size: width of the shared latent space.
        layers, heads, feedforward, dropout: of the text encoder, the motion encoder and the motion decoder.
    """

    model_type = "mate_tmr"

    def __init__(
        self,
        text_encoder: str = "distilbert/distilbert-base-uncased",
        text_revision: str | None = None,
        text_width: int = 768,
        text_relu: bool = False,
        motion_width: int = 263,
        motion_fps: float = 20.0,
        latent_size: int = 256,
        layers: int = 6,
        heads: int = 4,
        feedforward: int = 1024,
        dropout: float = 0.1,
        **kwargs: Any,
    ) -> None:
        if latent_size % heads:
            raise ValueError(f"heads: {heads} does not divide latent_size {latent_size}.")
        self.text_encoder = text_encoder
        self.text_revision = text_revision
        self.text_width = text_width
        self.text_relu = text_relu
        self.motion_width = motion_width
        self.motion_fps = motion_fps
        self.latent_size = latent_size
        self.layers = layers
        self.heads = heads
        self.feedforward = feedforward
        self.dropout = dropout
        super().__init__(**kwargs)
