"""How far each embedding row may step: all alike, or by how often its words occur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from transformers import PreTrainedTokenizerBase

from mate_hf.modeling.trainable_rows import TrainableRows
from mate_hf.text.vocabulary import Vocabulary

UPDATES = ("uniform", "class_balanced")

BETA = 0.999
"""Of Cui et al. 2019: beyond some 1 / (1 - beta) occurrences a further one hardly counts."""


def class_balanced(counts: Tensor) -> Tensor:
    """Rates in inverse proportion to the effective number of occurrences (Cui et al. 2019; paper, Table 14).

    Args:
        counts: (K,), how often each word occurs.

    Returns:
        (K,), of mean 1.
    """
    rates = (1 - BETA) / (1 - BETA ** counts.double())
    return (rates / rates.mean()).float()


class RowRates:
    """Steps of embedding rows, scaled after the optimizer has made them: Adam would divide a scaled gradient away.

    Args:
        table: whose rows learn.
        words: tokens of each word's spellings (K lists); a row steps as its words do, by their counts, and those of no word
            as usual.
        counts: (K,). rates: (K,), the words'.
    """

    def __init__(
        self, table: TrainableRows, words: Sequence[set[int]], counts: Tensor, rates: Tensor
    ) -> None:
        self.rows = table.rows
        slots = {int(token): slot for slot, token in enumerate(table.token_ids)}
        share = torch.zeros(len(slots), len(words))
        for word, tokens in enumerate(words):
            for token in tokens & slots.keys():
                share[slots[token], word] = counts[word]
        of_words = share @ rates / share.sum(1).clamp(min=1)
        self.of_rows = torch.where(share.sum(1) > 0, of_words, 1.0)
        self.before: Tensor | None = None

    def follow(self, optimizer: Optimizer) -> None:
        """Scale this optimizer's steps from now on."""
        optimizer.register_step_pre_hook(self._remember)
        optimizer.register_step_post_hook(self._scale)

    @torch.no_grad()
    def _remember(self, *_: Any) -> None:
        self.before = self.rows.detach().clone()

    @torch.no_grad()
    def _scale(self, *_: Any) -> None:
        assert self.before is not None
        of_rows = self.of_rows.to(self.rows.device)
        self.rows.copy_(self.before + of_rows[:, None] * (self.rows - self.before))


def spelled_tokens(tokenizer: PreTrainedTokenizerBase, vocabulary: Vocabulary) -> list[set[int]]:
    """Sub-tokens of each lemma's spellings."""
    found = []
    for lemma in vocabulary.lemmas:
        spelled = tokenizer(list(vocabulary.forms[lemma]), add_special_tokens=False)["input_ids"]
        found.append({token for ids in spelled for token in ids})
    return found


def trained_rows(model: nn.Module) -> TrainableRows | None:
    """The model's embedding table of which rows learn, where it has one."""
    return next((module for module in model.modules() if isinstance(module, TrainableRows)), None)
