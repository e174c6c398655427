"""Table 11: an encoder whose word features or sentence feature alone are MATE's."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mate_hf.openai_clip.tower import ClipText, Transformer


class SwappedText(nn.Module):
    """Word features of one encoder, the sentence feature of another, in OpenAI's shape.

    Code that walks through `token_embedding`, `positional_embedding`, `transformer` and `ln_final` for word features
    (MMM, MotionDiffuse) meets `words`; `encode_text` is that of `sentences`.

    Args:
        words, sentences: of `mate_hf.load`, of the stock encoder or of an export.
    """

    def __init__(self, words: ClipText, sentences: ClipText) -> None:
        super().__init__()
        self.words, self.sentences = words, sentences

    @property
    def token_embedding(self) -> nn.Embedding:
        """Of `words`."""
        return self.words.token_embedding

    @property
    def positional_embedding(self) -> Tensor:
        """Of `words`."""
        return self.words.positional_embedding

    @property
    def transformer(self) -> Transformer:
        """Of `words`."""
        return self.words.transformer

    @property
    def ln_final(self) -> nn.LayerNorm:
        """Of `words`."""
        return self.words.ln_final

    @property
    def dtype(self) -> torch.dtype:
        """What the layers compute in."""
        return self.words.dtype

    def tokenize(
        self, texts: str | Sequence[str], context_length: int | None = None, truncate: bool = True
    ) -> Tensor:
        """See `ClipText.tokenize`."""
        return self.words.tokenize(texts, context_length, truncate)

    def encode_text(self, text: str | Sequence[str] | Tensor) -> Tensor:
        """Sentence features (B,P) of `sentences`."""
        return self.sentences.encode_text(text)
