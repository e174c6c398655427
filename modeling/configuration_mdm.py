"""What a text-to-motion generator is made of."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig

PREDICTIONS = ("x0", "v", "flow")
"""What the network says of a noisy motion: the motion itself, the velocity of Salimans and Ho (2022), or that of a straight flow."""
CONDITIONS = ("words", "sentence")
"""What a generator is told: the encoder's tokens and its sentence feature, or the sentence feature alone (MATE Table 11 compares)."""


class MDMConfig(PretrainedConfig):
    """Sizes of an `MDMModel`, a motion diffusion transformer in the line of MDM (Tevet et al. 2023).

    Args:
        text_encoder: Hub id, folder, or `package:NAME` of the frozen encoder whose tokens and sentence feature are read.
        text_revision: its Hub revision.
        text_digest: a digest of its weights: motions are made with the encoder that the generator was trained with, and no other.
        text_reading_digest: a digest of its tokenizer and of settings that are no weights, for the same end.
        text_width: width of its token features.
        sentence_width: width of its sentence feature.
        motion_width: features a frame, 263 (HumanML3D) or 251 (KIT-ML).
        motion_fps: frames per second.
        patch: frames that the transformer reads as one token.
        longest: frames of the longest motion it was trained on.
        hidden_size, layers, heads, feedforward, dropout: of the transformer.
        prediction: see `PREDICTIONS`.
        timesteps: noise levels of training.
        conditions: see `CONDITIONS`.
    """

    model_type = "mate_mdm"

    def __init__(
        self,
        text_encoder: str = "openai/clip-vit-base-patch32",
        text_revision: str | None = None,
        text_digest: str | None = None,
        text_reading_digest: str | None = None,
        text_width: int = 512,
        sentence_width: int = 512,
        motion_width: int = 263,
        motion_fps: float = 20.0,
        patch: int = 4,
        longest: int = 196,
        hidden_size: int = 512,
        layers: int = 8,
        heads: int = 8,
        feedforward: int = 2048,
        dropout: float = 0.1,
        prediction: str = "x0",
        timesteps: int = 1000,
        conditions: str = "words",
        **kwargs: Any,
    ) -> None:
        if hidden_size % heads or hidden_size % 2:
            raise ValueError(f"hidden_size: {hidden_size}; expected an even multiple of heads ({heads}).")
        if prediction not in PREDICTIONS:
            raise ValueError(f"prediction: {prediction!r}; expected one of {', '.join(PREDICTIONS)}.")
        require_conditions(conditions)
        self.text_encoder = text_encoder
        self.text_revision = text_revision
        self.text_digest = text_digest
        self.text_reading_digest = text_reading_digest
        self.text_width = text_width
        self.sentence_width = sentence_width
        self.motion_width = motion_width
        self.motion_fps = motion_fps
        self.patch = patch
        self.longest = longest
        self.hidden_size = hidden_size
        self.layers = layers
        self.heads = heads
        self.feedforward = feedforward
        self.dropout = dropout
        self.prediction = prediction
        self.timesteps = timesteps
        self.conditions = conditions
        super().__init__(**kwargs)


def require_conditions(conditions: str) -> None:
    """Raises ValueError for what is none of `CONDITIONS`."""
    if conditions not in CONDITIONS:
        raise ValueError(f"conditions: {conditions!r}; expected one of {', '.join(CONDITIONS)}.")
