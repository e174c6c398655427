"""Attention and transformer layers as torch has them, with the dropout of `dropout.py`: the same weights, names and results."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .dropout import Dropout, dropout


def attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, p: float) -> Tensor:
    """`F.scaled_dot_product_attention`: (B,H,Q,W) on (B,H,L,W) -> (B,H,Q,W).

    Args:
        mask: what (B,H,Q,L) broadcasts from, True where a query may look, or numbers that are added to the logits.
        p: chance of a weight to be dropped; 0 outside training.
    """
    if p == 0 or queries.device.type != "cpu":
        return F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, dropout_p=p)
    logits = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-1, -2)
    if mask is not None:
        logits = logits.masked_fill(~mask, float("-inf")) if mask.dtype == torch.bool else logits + mask
    return dropout(logits.softmax(-1), p) @ values


def self_attention(
    attention: nn.MultiheadAttention, queries: Tensor, tokens: Tensor, padded: Tensor | None
) -> Tensor:
    """What the weights of `attention` give for queries (B,Q,D) on tokens (B,L,D).

    Args:
        padded: (B,L), True on padding, or the same as numbers that are added to the logits.
    """
    width, weight, bias = queries.shape[-1], attention.in_proj_weight, attention.in_proj_bias
    if queries is tokens:
        projected = F.linear(tokens, weight, bias).chunk(3, -1)
    else:
        query = F.linear(queries, weight[:width], bias[:width])
        projected = (query, *F.linear(tokens, weight[width:], bias[width:]).chunk(2, -1))
    q, k, v = (part.unflatten(-1, (attention.num_heads, -1)).transpose(1, 2) for part in projected)
    mask = None
    if padded is not None:
        mask = (~padded if padded.dtype == torch.bool else padded.to(q.dtype))[:, None, None, :]
    found = attend(q, k, v, mask, attention.dropout if attention.training else 0.0)
    attended: Tensor = attention.out_proj(found.transpose(1, 2).flatten(2))
    return attended


class EncoderLayer(nn.TransformerEncoderLayer):
    """`nn.TransformerEncoderLayer` of sequences (B,L,D), with GELU."""

    def __init__(self, width: int, heads: int, feedforward: int, p: float) -> None:
        super().__init__(width, heads, feedforward, p, activation="gelu", batch_first=True)
        self.dropout, self.dropout1, self.dropout2 = Dropout(p), Dropout(p), Dropout(p)

    def _sa_block(
        self, x: Tensor, attn_mask: Tensor | None, key_padding_mask: Tensor | None, is_causal: bool = False
    ) -> Tensor:
        return self.dropout1(self_attention(self.self_attn, x, x, key_padding_mask))

    def encode_first(self, count: int, tokens: Tensor, padded: Tensor | None) -> Tensor:
        """What the layer makes of the first `count` of tokens (B,L,D), as the last layer, of which nobody reads the others."""
        first = tokens[:, :count]
        attended = self_attention(self.self_attn, first, tokens, padded)
        first = self.norm1(first + self.dropout1(attended))
        read: Tensor = self.norm2(first + self._ff_block(first))
        return read


class SingleMemoryLayer(nn.TransformerDecoderLayer):
    """`nn.TransformerDecoderLayer` over a memory of one vector, with GELU.

    A softmax over one key is 1 whatever the query, so that what attention finds is the vector's value: no query, no key
    and no score is computed.
    """

    def __init__(self, width: int, heads: int, feedforward: int, p: float) -> None:
        super().__init__(width, heads, feedforward, p, activation="gelu", batch_first=True)
        self.dropout, self.dropout1 = Dropout(p), Dropout(p)
        self.dropout2, self.dropout3 = Dropout(p), Dropout(p)

    def _sa_block(
        self, x: Tensor, attn_mask: Tensor | None, key_padding_mask: Tensor | None, is_causal: bool = False
    ) -> Tensor:
        return self.dropout1(self_attention(self.self_attn, x, x, key_padding_mask))

    def _mha_block(
        self,
        x: Tensor,
        mem: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
    ) -> Tensor:
        attention, width = self.multihead_attn, x.shape[-1]
        value = F.linear(mem, attention.in_proj_weight[2 * width :], attention.in_proj_bias[2 * width :])
        if self.training and attention.dropout:
            # Dropout acts on the weight of 1, frame by frame and head by head.
            ones = x.new_ones(*x.shape[:2], attention.num_heads, 1)
            weights = dropout(ones, attention.dropout)
            value = (weights * value.unflatten(-1, (attention.num_heads, -1))).flatten(2)
        found: Tensor = attention.out_proj(value)
        return self.dropout2(found.expand_as(x))
