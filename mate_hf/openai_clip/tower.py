"""CLIP's text tower with the attributes that text-to-motion code reaches for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from mate_hf.errors import MateError

HEAD_WIDTH = 64
"""OpenAI's code reads the number of heads off the width."""


class QuickGelu(nn.Module):
    """x * sigmoid(1.702 x), what OpenAI trained CLIP with."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    """One causal layer: tokens (S,B,W) -> (S,B,W)."""

    def __init__(self, width: int, heads: int, inner: int, activation: nn.Module) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads)
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, inner))
        self.mlp.add_module("gelu", activation)
        self.mlp.add_module("c_proj", nn.Linear(inner, width))

    def forward(self, x: Tensor) -> Tensor:
        length = len(x)
        unseen = torch.full((length, length), float("-inf"), dtype=x.dtype, device=x.device).triu(1)
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=unseen)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    """Layers in sequence: tokens (S,B,W) -> (S,B,W)."""

    def __init__(self, width: int, layers: int, heads: int, inner: int, activation: nn.Module) -> None:
        super().__init__()
        self.width, self.layers = width, layers
        self.resblocks = nn.Sequential(*(Block(width, heads, inner, activation) for _ in range(layers)))

    def forward(self, x: Tensor) -> Tensor:
        return self.resblocks(x)


class ClipText(nn.Module):
    """A CLIP text encoder of OpenAI's shape.

    Attributes:
        token_embedding, positional_embedding, transformer, ln_final, text_projection, logit_scale: as in OpenAI's
            `CLIP`; `transformer` takes and gives (S,B,W).
        context_length: tokens it takes, 77. vocab_size: rows of the embedding table.
    """

    def __init__(
        self,
        vocab_size: int,
        context_length: int,
        width: int,
        layers: int,
        heads: int,
        inner: int,
        projection: int,
        activation: nn.Module,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> None:
        super().__init__()
        self.context_length, self.vocab_size, self.tokenizer = context_length, vocab_size, tokenizer
        self.token_embedding = nn.Embedding(vocab_size, width)
        self.positional_embedding = nn.Parameter(torch.empty(context_length, width))
        self.transformer = Transformer(width, layers, heads, inner, activation)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(torch.empty(width, projection))
        self.logit_scale = nn.Parameter(torch.empty(()))

    @property
    def dtype(self) -> torch.dtype:
        """What the layers compute in."""
        return self.text_projection.dtype

    def tokenize(self, texts: str | Sequence[str]) -> Tensor:
        """Token ids (B, context_length), padded with 0 and cut to fit, as `clip.tokenize(texts, truncate=True)`."""
        if self.tokenizer is None:
            raise MateError(
                "this encoder came without a tokenizer: give token ids, or load the whole export folder."
            )
        texts = [texts] if isinstance(texts, str) else list(texts)
        rows = self.tokenizer(texts, truncation=True, max_length=self.context_length)["input_ids"]
        ids = torch.zeros(len(rows), self.context_length, dtype=torch.long)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = torch.tensor(row)
        return ids

    def encode_text(self, text: str | Sequence[str] | Tensor) -> Tensor:
        """Sentence features (B,P) of texts or of token ids (B,S): the state at the end token, projected."""
        ids = text if isinstance(text, Tensor) else self.tokenize(text)
        ids = ids.to(self.token_embedding.weight.device)
        x = self.token_embedding(ids).to(self.dtype) + self.positional_embedding[: ids.shape[1]].to(
            self.dtype
        )
        x = self.transformer(x.transpose(0, 1)).transpose(0, 1)
        x = self.ln_final(x).to(self.dtype)
        # The end token has the largest id.
        return x[torch.arange(len(x)), ids.argmax(-1)] @ self.text_projection

    def forward(self, text: str | Sequence[str] | Tensor) -> Tensor:
        """`encode_text`."""
        return self.encode_text(text)


def clip_text(
    state: Mapping[str, Tensor],
    activation: str = "quick_gelu",
    heads: int | None = None,
    tokenizer: PreTrainedTokenizerBase | None = None,
) -> ClipText:
    """A `ClipText` with these weights (OpenAI's names; a visual tower is left out), in evaluation mode.

    Args:
        activation: `quick_gelu` (OpenAI) or `gelu` (most OpenCLIP models).
        heads: by default width / 64.
    """
    text = {name: value for name, value in state.items() if not name.startswith("visual.")}
    vocab_size, width = text["token_embedding.weight"].shape
    layers = sum(name.endswith("attn.in_proj_weight") for name in text)
    inner = len(text["transformer.resblocks.0.mlp.c_fc.bias"])
    activations: dict[str, nn.Module] = {"quick_gelu": QuickGelu(), "gelu": nn.GELU()}
    if activation not in activations:
        raise MateError(f"activation {activation!r}: expected one of {', '.join(activations)}.")
    with torch.device("meta"):
        model = ClipText(
            vocab_size,
            len(text["positional_embedding"]),
            width,
            layers,
            heads or max(1, width // HEAD_WIDTH),
            inner,
            text["text_projection"].shape[1],
            activations[activation],
            tokenizer,
        )
    model.load_state_dict(text, assign=True)
    return model.eval()
