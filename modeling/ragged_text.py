"""Captions of unlike length through a text encoder, without paying for the padding of the longest."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

CHUNK = 16
"""Captions that are encoded together on a CPU; a GPU is faster with all at once."""

Encode = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Token ids and mask (N,S) -> sentence features (N,W) and token features (N,S,H)."""


def encode_ragged(
    encode: Encode, input_ids: Tensor, attention_mask: Tensor, chunk: int = CHUNK
) -> tuple[Tensor, Tensor]:
    """`encode(input_ids, attention_mask)`, captions of like length together, each group padded to its own longest.

    Padding stands at the end, and `encode` does not look at it. Token features of padding mean nothing.

    Args:
        input_ids, attention_mask: (B,S).

    Returns:
        Sentence features (B,W) and token features (B,S,H), in the order given.
    """
    lengths = attention_mask.sum(1)
    order = lengths.argsort(stable=True)
    sentences, tokens = [], []
    for rows in order.split(chunk):
        longest = int(lengths[rows[-1]])
        sentence, features = encode(input_ids[rows, :longest], attention_mask[rows, :longest])
        sentences.append(sentence)
        tokens.append(F.pad(features, (0, 0, 0, input_ids.shape[1] - longest)))
    back = order.argsort()
    return torch.cat(sentences)[back], torch.cat(tokens)[back]


def pays(input_ids: Tensor) -> bool:
    """Whether grouping is faster: on a CPU, for more captions than one group."""
    return input_ids.device.type == "cpu" and len(input_ids) > CHUNK
