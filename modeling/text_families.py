"""The text encoders MATE can train, and what each family's makers call its sentence feature.

A further encoder is one more subclass of `TextFamily`, listed in `FAMILIES`.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import (
    BertModel,
    CLIPTextModelWithProjection,
    DistilBertModel,
    MPNetModel,
    PretrainedConfig,
    PreTrainedModel,
)


class TextFamily:
    """A text encoder architecture: its classes, what it takes, its token limit and its sentence feature."""

    model_types: tuple[str, ...]
    architecture: type[PreTrainedModel]
    tokenizer_class: str
    """The stock tokenizer, by the name that every version of transformers knows it by."""
    inputs: tuple[str, ...] = ("input_ids", "attention_mask")
    """What the stock tokenizer gives and the model takes."""

    def token_limit(self, config: PretrainedConfig) -> int:
        """Tokens the position table holds, special tokens included."""
        return config.max_position_embeddings

    def embedding_width(self, config: PretrainedConfig) -> int:
        """Width of the word-embedding table."""
        return config.hidden_size

    def sentence_width(self, config: PretrainedConfig) -> int:
        """Width of the sentence feature."""
        return self.embedding_width(config)

    def sentence_feature(self, output: Any, mask: torch.Tensor, pooling: str) -> torch.Tensor:
        """Encoder output and mask (B,S), 1 on real tokens -> sentence feature (B, sentence_width)."""
        if pooling == "first":
            return output.last_hidden_state[:, 0]
        weights = mask.unsqueeze(-1).to(output.last_hidden_state.dtype)
        return (output.last_hidden_state * weights).sum(1) / weights.sum(1).clamp(min=1.0)


class ClipText(TextFamily):
    """CLIP: the hidden state at EOS, through the text projection."""

    model_types = ("clip_text_model", "clip")
    architecture = CLIPTextModelWithProjection
    tokenizer_class = "CLIPTokenizer"

    def sentence_width(self, config: PretrainedConfig) -> int:
        return config.projection_dim

    def sentence_feature(self, output: Any, mask: torch.Tensor, pooling: str) -> torch.Tensor:
        return output.text_embeds


class DistilBert(TextFamily):
    """DistilBERT: it was distilled without a sentence objective, so the mean of its tokens by default."""

    model_types = ("distilbert",)
    architecture = DistilBertModel
    tokenizer_class = "DistilBertTokenizer"

    def embedding_width(self, config: PretrainedConfig) -> int:
        return config.dim


class Bert(TextFamily):
    """BERT, and sentence encoders built on it such as all-MiniLM-L6-v2: the mean of the tokens by default."""

    model_types = ("bert",)
    architecture = BertModel
    tokenizer_class = "BertTokenizer"
    inputs = ("input_ids", "token_type_ids", "attention_mask")


class MpNet(TextFamily):
    """MPNet, known by all-mpnet-base-v2: the mean of the tokens by default."""

    model_types = ("mpnet",)
    architecture = MPNetModel
    tokenizer_class = "MPNetTokenizer"

    def token_limit(self, config: PretrainedConfig) -> int:
        # Its positions are counted from behind the padding index, as RoBERTa's.
        return config.max_position_embeddings - 2


FAMILIES: tuple[TextFamily, ...] = (ClipText(), DistilBert(), Bert(), MpNet())


def family_of(config: PretrainedConfig) -> TextFamily:
    """The family of a text encoder's configuration; an unsupported one raises ValueError with the list."""
    for family in FAMILIES:
        if config.model_type in family.model_types:
            return family
    supported = ", ".join(name for family in FAMILIES for name in family.model_types)
    raise ValueError(
        f"text encoder of model_type {config.model_type!r} is not supported; supported: {supported}."
    )
