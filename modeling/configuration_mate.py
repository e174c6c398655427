"""What a MATE model is made of."""

from __future__ import annotations

from typing import Any

from transformers import AutoConfig, PretrainedConfig


class MateConfig(PretrainedConfig):
    """Sizes and readings of a `MateModel` (appendix C, "Model Structures").

    Args:
        text_config: configuration of the text encoder, or its `to_dict()`.
        pooling: sentence feature of BERT-type encoders, `mean` (over real tokens) or `first` token. CLIP ignores
            it: its sentence feature is the projected EOS.
        motion_width: features a frame, 263 (HumanML3D) or 251 (KIT-ML).
        motion_fps: frames per second, kept for who reads the model.
        hidden_size: D of the paper, 512.
        motion_layers, motion_heads, motion_feedforward, motion_dropout: the TEMOS encoder and decoder.
        attention_heads, attention_dropout: MultiHead of Eq. 2.
        prior_strength: lambda of Eq. 3.
        context_queries: whether a word asks a motion with its context too (not in the paper).
        prior_form: how the prior enters, `keys` (Eq. 3) or `logits`, see `WordAttention`.
        prototypes: K, the number of words with a prototype (Eq. 5).
    """

    model_type = "mate"

    def __init__(
        self,
        text_config: PretrainedConfig | dict[str, Any] | None = None,
        pooling: str = "mean",
        motion_width: int = 263,
        motion_fps: float = 20.0,
        hidden_size: int = 512,
        motion_layers: int = 6,
        motion_heads: int = 4,
        motion_feedforward: int = 1024,
        motion_dropout: float = 0.1,
        attention_heads: int = 8,
        attention_dropout: float = 0.1,
        prior_strength: float = 0.1,
        prior_form: str = "keys",
        context_queries: bool = False,
        prototypes: int = 1,
        **kwargs: Any,
    ) -> None:
        if isinstance(text_config, dict):
            text_config = AutoConfig.for_model(**text_config)
        self.text_config = AutoConfig.for_model("clip_text_model") if text_config is None else text_config
        if pooling not in ("mean", "first"):
            raise ValueError(f"pooling: {pooling!r}; expected 'mean' or 'first'.")
        for heads, name in ((motion_heads, "motion_heads"), (attention_heads, "attention_heads")):
            if hidden_size % heads:
                raise ValueError(f"{name}: {heads} does not divide hidden_size {hidden_size}.")
        self.pooling = pooling
        self.motion_width = motion_width
        self.motion_fps = motion_fps
        self.hidden_size = hidden_size
        self.motion_layers = motion_layers
        self.motion_heads = motion_heads
        self.motion_feedforward = motion_feedforward
        self.motion_dropout = motion_dropout
        self.attention_heads = attention_heads
        self.attention_dropout = attention_dropout
        self.prior_strength = prior_strength
        self.prior_form = prior_form
        self.context_queries = context_queries
        self.prototypes = prototypes
        super().__init__(**kwargs)
