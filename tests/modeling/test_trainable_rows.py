"""Only the rows of seen words may move, and nobody downstream notices how that is done."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mate_hf.modeling.trainable_rows import TrainableRows


@pytest.fixture
def table() -> nn.Embedding:
    torch.manual_seed(0)
    return nn.Embedding(12, 4)


def train_a_little(module: nn.Module, tokens: torch.Tensor) -> None:
    optimizer = torch.optim.AdamW(
        [p for p in module.parameters() if p.requires_grad], lr=0.1, weight_decay=0.5
    )
    for _ in range(5):
        optimizer.zero_grad()
        module(tokens).square().sum().backward()
        optimizer.step()


def test_reads_like_the_table_it_replaces(table: nn.Embedding) -> None:
    tokens = torch.randint(12, (3, 5))
    assert torch.equal(TrainableRows(table, [1, 4, 9])(tokens), table(tokens))


def test_weight_decay_and_gradients_leave_unseen_rows_bit_equal(table: nn.Embedding) -> None:
    stock = table.weight.detach().clone()
    rows = TrainableRows(table, [9, 1, 4])
    train_a_little(rows, torch.arange(12).repeat(2, 1))
    changed = (rows.merged().weight != stock).any(1).nonzero().flatten().tolist()
    assert changed == [1, 4, 9]


def test_state_dict_has_the_stock_layout_and_restores_training(table: nn.Embedding) -> None:
    rows = TrainableRows(table, [1, 4, 9])
    train_a_little(rows, torch.tensor([[1, 4, 4, 2]]))
    state = rows.state_dict()
    assert list(state) == ["weight"]
    assert torch.equal(state["weight"], rows.merged().weight)
    fresh = TrainableRows(nn.Embedding(12, 4), [1, 4, 9])
    fresh.load_state_dict(state)
    assert torch.equal(fresh.rows, rows.rows)
    assert torch.equal(fresh.merged().weight, rows.merged().weight)


def test_memory_that_learns_is_the_seen_rows_alone(table: nn.Embedding) -> None:
    learning = [p.numel() for p in TrainableRows(table, [1, 4, 9]).parameters() if p.requires_grad]
    assert learning == [3 * 4]


@pytest.mark.parametrize("token_ids", [[], [1, 1], [12], [-1, 3]])
def test_impossible_rows_are_refused(table: nn.Embedding, token_ids: list[int]) -> None:
    with pytest.raises(ValueError, match="token_ids"):
        TrainableRows(table, token_ids)
