"""Seeing the whole batch from one process, with gradient."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


def world_size() -> int:
    """Processes that train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """This process's place among them."""
    return dist.get_rank() if world_size() > 1 else 0


class _AllRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        parts = [torch.empty_like(rows) for _ in range(world_size())]
        dist.all_gather(parts, rows.contiguous())
        ctx.count = len(rows)
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor]:
        gradient = gradient.contiguous()
        dist.all_reduce(gradient)
        start = rank() * ctx.count
        return (gradient[start : start + ctx.count],)


def all_rows(rows: Tensor) -> Tensor:
    """The rows (B,...) of every process, in rank order: (world * B, ...). All must hold equally many.

    The gradient is the sum over processes of what each asks for; with the averaging of DistributedDataParallel a
    loss that every process computes on the whole batch then gives the gradient of one process on that batch.
    """
    return rows if world_size() == 1 else _AllRows.apply(rows)


def all_padded_rows(rows: Tensor, padding: int) -> Tensor:
    """As `all_rows`, for integer rows (B,L) whose L differs between processes; padded to the longest."""
    if world_size() == 1:
        return rows
    longest = torch.tensor(rows.shape[1], device=rows.device)
    dist.all_reduce(longest, dist.ReduceOp.MAX)
    return all_rows(torch.nn.functional.pad(rows, (0, int(longest) - rows.shape[1]), value=padding))


def total(value: Tensor) -> Tensor:
    """Sum over processes, without gradient."""
    value = value.detach().clone()
    if world_size() > 1:
        dist.all_reduce(value)
    return value
