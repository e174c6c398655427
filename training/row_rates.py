"""How far each embedding row may step: by how often its words occur, by their class, and how strongly its stock value holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer
from transformers import PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.modeling.trainable_rows import TrainableRows
from mate_hf.text.row_classes import MARKS
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.text.word_classes import CLASSES

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


def rates_by_word(table: TrainableRows, words: Sequence[set[int]], counts: Tensor, rates: Tensor) -> Tensor:
    """A row steps as its words do, by their counts, and those of no word as usual.

    Args:
        table: whose R rows learn.
        words: tokens of each word's spellings (K lists).
        counts: (K,). rates: (K,), the words'.

    Returns:
        (R,).
    """
    slots = {int(token): slot for slot, token in enumerate(table.token_ids)}
    share = torch.zeros(len(slots), len(words))
    for word, tokens in enumerate(words):
        for token in tokens & slots.keys():
            share[slots[token], word] = counts[word]
    of_words = share @ rates / share.sum(1).clamp(min=1)
    return torch.where(share.sum(1) > 0, of_words, 1.0)


def rates_by_class(table: TrainableRows, classes: Mapping[int, str], rates: Mapping[str, float]) -> Tensor:
    """The rate of each row's class, 1 where it has none (R,). classes: token -> class, see `rows_of_words`."""
    return torch.tensor([rates.get(classes.get(int(token), ""), 1.0) for token in table.token_ids])


def read_class_rates(text: str) -> dict[str, float]:
    """`"function=0.1,marks=0"` -> rates by class.

    Raises:
        MateError: no pair of a class and a rate, a negative one, or a class named twice.
    """
    found: dict[str, float] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (part.strip() for part in pair.partition("="))
        try:
            rate = float(value)
        except ValueError:
            rate = -1.0
        if name not in (*CLASSES, MARKS) or not 0 <= rate < float("inf"):
            raise MateError(
                f"class_rates: {pair!r}; expected CLASS=RATE of {', '.join((*CLASSES, MARKS))} and 0 or more, as in function=0.1,marks=0."
            )
        if name in found:
            raise MateError(f"class_rates: {name} is named twice in {text!r}; expected each class once.")
        found[name] = rate
    return found


class RowSteps:
    """What happens to embedding rows beside the optimizer: Adam would divide a scaled gradient away.

    Args:
        table: whose R rows learn.
        rates: (R,), how far each steps of what the optimizer makes it step.
        decay: each step takes its learning rate times this off every row's displacement from the stock value.
    """

    def __init__(self, table: TrainableRows, rates: Tensor, decay: float = 0.0) -> None:
        self.table, self.rows, self.rates, self.decay = table, table.rows, rates, decay
        self.before: Tensor | None = None

    def follow(self, optimizer: Optimizer) -> None:
        """Mend this optimizer's steps from now on."""
        optimizer.register_step_pre_hook(self._remember)
        optimizer.register_step_post_hook(self._mend)

    @torch.no_grad()
    def _remember(self, *_: Any) -> None:
        self.before = self.rows.detach().clone()

    @torch.no_grad()
    def _mend(self, optimizer: Optimizer, *_: Any) -> None:
        assert self.before is not None
        stepped = self.rates.to(self.rows.device)[:, None] * (self.rows - self.before)
        if self.decay:
            away = self.before - self.table.stock_rows
            stepped = stepped - min(1.0, self.decay * self._rate(optimizer)) * away
        self.rows.copy_(self.before + stepped)

    def _rate(self, optimizer: Optimizer) -> float:
        """The rows' learning rate of this step."""
        groups = (group for group in optimizer.param_groups if any(p is self.rows for p in group["params"]))
        return float(next(groups)["lr"])


def spelled_tokens(tokenizer: PreTrainedTokenizerBase, vocabulary: Vocabulary) -> list[set[int]]:
    """Sub-tokens of each lemma's spellings."""
    found = []
    for lemma in vocabulary.lemmas:
        spelled = tokenizer(list(vocabulary.forms[lemma]), add_special_tokens=False)["input_ids"]
        found.append({token for ids in spelled for token in ids})
    return found
