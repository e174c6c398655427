"""The two transformers of a masked generator: one says masked codes of the first level, one those of a further level."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .conditioning import Conditioned, Heard
from .configuration_masked import MaskedConfig
from .ragged import length_groups


class Said(NamedTuple):
    """Of a batch, what the encoder says of its captions, standardised.

    Attributes:
        text: token features (B,S,W). mask: (B,S), True on real tokens.
        sentence: sentence features (B,D).
        silent: (B,), True where nothing is said; None where everything is.
    """

    text: Tensor
    mask: Tensor
    sentence: Tensor
    silent: Tensor | None


class CodeTransformer(Conditioned):
    """Embedded codes (B,P,D) among each other, under words, sentence and length."""

    leave: nn.Linear

    def __init__(self, config: MaskedConfig, layers: int) -> None:
        super().__init__()
        width = config.hidden_size
        self.last_norm = nn.LayerNorm(width)
        self.hold_words(width, config.text_width, config.sentence_width, config.conditions)
        self.hold_blocks(width, layers, config.heads, config.feedforward, config.dropout)

    def read(
        self,
        embedded: Tensor,
        there: Tensor,
        said: Said,
        beside: Tensor | None = None,
        found: list[Tensor] | None = None,
    ) -> Tensor:
        """What the codes are taken for (B,P,D); padding means nothing.

        Args:
            there: (B,P), True where the motion is.
            beside: of each motion (B,D), what else it is tuned by.
            found: see `Conditioned.attend`.
        """
        tuned_by = self.say(said.sentence, said.silent)
        tuned = self.tune(tuned_by if beside is None else tuned_by + beside, there.sum(1))
        heard = self.hear(said.text, said.mask, said.silent)
        groups = None if found is not None else length_groups(there, embedded.shape[-1])
        if groups is None:
            read: Tensor = self.last_norm(self.attend(embedded, there, tuned, heard, found))
            return read
        shared = (groups.share(part) for part in (tuned, *heard))
        parts = zip(groups.cut(embedded), groups.cut(there), *shared, strict=True)
        return groups.join_padded(
            self.last_norm(self.attend(embedded, there, tuned, Heard(*heard)))
            for embedded, there, tuned, *heard in parts
        )


class BaseTransformer(CodeTransformer):
    """Says the codes of the first level, of which some, or all, are masked.

    Attributes:
        mask: the code that stands for a masked one.
    """

    def __init__(self, config: MaskedConfig) -> None:
        super().__init__(config, config.layers)
        self.mask = config.codes
        self.enter = nn.Embedding(config.codes + 1, config.hidden_size)
        self.leave = nn.Linear(config.hidden_size, config.codes)

    def forward(self, codes: Tensor, there: Tensor, said: Said, found: list[Tensor] | None = None) -> Tensor:
        """Codes (B,P), `mask` where masked -> logits (B,P,codes)."""
        embedded = self.enter(codes.masked_fill(~there, self.mask))
        logits: Tensor = self.leave(self.read(embedded, there, said, found=found))
        return logits


class ResidualTransformer(CodeTransformer):
    """Says the codes of one further level, given those of all levels before it."""

    def __init__(self, config: MaskedConfig) -> None:
        super().__init__(config, config.residual_layers)
        self.codes, further = config.codes, config.levels - 1
        self.enter = nn.Embedding(further * config.codes, config.hidden_size)
        self.level = nn.Embedding(further, config.hidden_size)
        self.leave = nn.Linear(config.hidden_size, further * config.codes)

    def forward(self, codes: Tensor, level: Tensor, there: Tensor, said: Said) -> Tensor:
        """Codes (B,P,levels), of which those before `level` (B,), from 1 on, are read -> its logits (B,P,codes)."""
        number = torch.arange(int(level.max()), device=codes.device)
        before = (number < level[:, None])[:, None] & there[..., None]
        known = codes[..., : len(number)].clamp(min=0) + number * self.codes
        embedded = (self.enter(known) * before[..., None]).sum(2)
        features = self.read(embedded, there, said, self.level(level - 1))
        weight = self.leave.weight.unflatten(0, (-1, self.codes))[level - 1]
        bias = self.leave.bias.unflatten(0, (-1, self.codes))[level - 1]
        return features @ weight.transpose(1, 2).to(features.dtype) + bias[:, None]
