"""An embedding table of which only some rows learn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class TrainableRows(nn.Module):
    """Stands where `nn.Embedding` stood; gradients and optimizer state exist for the chosen rows alone.

    A full trainable table cannot keep the promise that unseen words stay as they were: weight decay moves every
    row, and Adam's momentum moves rows that are not in the batch. Here the chosen rows are a compact parameter and
    the table is frozen. The state dict has the stock layout (one `weight`, merged), so checkpoints and exports
    do not know the difference.

    Args:
        table: the embedding layer to take over; its weight is kept, not copied.
        token_ids: rows that learn, each once.
    """

    token_ids: Tensor
    slot_of_token: Tensor
    stock_rows: Tensor

    def __init__(self, table: nn.Embedding, token_ids: list[int]) -> None:
        super().__init__()
        if not token_ids:
            raise ValueError("token_ids is empty: no row of the embedding table would learn.")
        ids = torch.tensor(sorted(set(token_ids)))
        if len(ids) != len(token_ids) or ids[0] < 0 or ids[-1] >= table.num_embeddings:
            raise ValueError(
                f"token_ids: {len(token_ids)} ids from {ids[0]} to {ids[-1]}, {len(ids)} different; "
                f"expected each once, within the table's {table.num_embeddings} rows."
            )
        ids = ids.to(table.weight.device)
        slot_of_token = torch.full((table.num_embeddings,), -1, device=ids.device)
        slot_of_token[ids] = torch.arange(len(ids), device=ids.device)
        self.num_embeddings, self.embedding_dim = table.num_embeddings, table.embedding_dim
        self.weight = nn.Parameter(table.weight.detach(), requires_grad=False)
        self.rows = nn.Parameter(table.weight.detach()[ids].clone())
        # A resumed run writes its learnt rows into the table.
        self.register_buffer("stock_rows", self.rows.detach().clone(), persistent=False)
        self._as_stock = False
        self.register_buffer("token_ids", ids, persistent=False)
        self.register_buffer("slot_of_token", slot_of_token, persistent=False)
        self.register_state_dict_post_hook(_merge_rows)
        self.register_load_state_dict_pre_hook(_take_rows)

    def forward(self, tokens: Tensor) -> Tensor:
        """Token ids (...) -> rows (..., width)."""
        slots = self.slot_of_token[tokens]
        learnt = F.embedding(slots.clamp(min=0), self.stock_rows if self._as_stock else self.rows)
        return torch.where(slots.unsqueeze(-1) >= 0, learnt, F.embedding(tokens, self.weight))

    @contextmanager
    def as_stock(self) -> Iterator[None]:
        """Inside, the table reads as before training."""
        self._as_stock = True
        try:
            yield
        finally:
            self._as_stock = False

    def merged(self) -> nn.Embedding:
        """A stock embedding layer holding the table with the learnt rows in place."""
        table = self.weight.detach().clone()
        table[self.token_ids] = self.rows.detach()
        return nn.Embedding.from_pretrained(table, freeze=False)


def trained_rows(model: nn.Module) -> TrainableRows | None:
    """The model's embedding table of which rows learn, where it has one."""
    return next((module for module in model.modules() if isinstance(module, TrainableRows)), None)


def _merge_rows(module: TrainableRows, state: dict[str, Any], prefix: str, _: Any) -> None:
    rows = state.pop(prefix + "rows")
    table = state[prefix + "weight"].clone()
    table[module.token_ids] = rows
    state[prefix + "weight"] = table


def _take_rows(module: TrainableRows, state: dict[str, Any], prefix: str, *_: Any) -> None:
    if prefix + "weight" in state:
        table = state[prefix + "weight"]
        state[prefix + "rows"] = table[module.token_ids.to(table.device)]
