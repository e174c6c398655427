"""How far each embedding row may step: all alike, by how often its words occur, or by how reliable their motions are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from transformers import PreTrainedTokenizerBase

from mate_hf.modeling.trainable_rows import TrainableRows
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.word_consistency import WordConsistency

UPDATES = ("uniform", "class_balanced", "reliability")

BETA = 0.999
"""Of Cui et al. 2019: beyond some 1 / (1 - beta) occurrences a further one hardly counts."""

HALF_TRUSTED = 20
"""Occurrences at which a word steps half as far as its consistency allows."""


def class_balanced(counts: Tensor) -> Tensor:
    """Rates in inverse proportion to the effective number of occurrences (Cui et al. 2019; paper, Table 14).

    Args:
        counts: (K,), how often each word occurs.

    Returns:
        (K,), of mean 1.
    """
    rates = (1 - BETA) / (1 - BETA ** counts.double())
    return (rates / rates.mean()).float()


def reliability(consistency: Tensor, counts: Tensor) -> Tensor:
    """Rates that fall where a word is rare, or where the motions it was said of disagree (the paper's future work).

    Args:
        consistency: (K,) in [0, 1], of `WordConsistency`.
        counts: (K,).

    Returns:
        (K,), of mean 1 over all occurrences.
    """
    rates = consistency * counts / (counts + HALF_TRUSTED)
    mean = (rates * counts).sum() / counts.sum()
    return rates / mean.clamp(min=1e-6)


def word_rates(
    update: str, counts: Tensor, consistency: WordConsistency | None = None
) -> Callable[[], Tensor]:
    """The words' rates (K,) as they are when asked.

    Args:
        update: `class_balanced`, or `reliability`, which needs `consistency`.
    """
    if update == "class_balanced":
        fixed = class_balanced(counts)
        return lambda: fixed
    assert consistency is not None
    measured = consistency
    return lambda: reliability(measured.value().cpu(), counts)


class RowRates:
    """Steps of embedding rows, scaled after the optimizer has made them: Adam would divide a scaled gradient away.

    Args:
        table: whose rows learn.
        words: tokens of each word's spellings (K lists); a row steps as its words do, by their counts, and those of no word
            as usual.
        counts: (K,).
        rates: called after each step: the words' rates (K,).
    """

    def __init__(
        self, table: TrainableRows, words: Sequence[set[int]], counts: Tensor, rates: Callable[[], Tensor]
    ) -> None:
        self.rows, self.rates = table.rows, rates
        slots = {int(token): slot for slot, token in enumerate(table.token_ids)}
        share = torch.zeros(len(slots), len(words))
        for word, tokens in enumerate(words):
            for token in tokens & slots.keys():
                share[slots[token], word] = counts[word]
        self.of_no_word = share.sum(1) == 0
        self.share = share / share.sum(1, keepdim=True).clamp(min=1)
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
        device = self.rows.device
        of_rows = self.share.to(device) @ self.rates().to(device)
        of_rows[self.of_no_word.to(device)] = 1.0
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
