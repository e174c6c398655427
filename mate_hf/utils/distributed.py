"""Seeing the whole batch from one process, with gradient."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch
import torch.distributed as dist
from accelerate import PartialState
from accelerate.utils import parse_flag_from_env
from torch import Tensor

from mate_hf.errors import MateError


def launched_state(device: str | None = None) -> PartialState:
    """The processes of an `accelerate launch`, of torchrun, or this one alone.

    Args:
        device: `cpu`, `cuda`, ...; by default what accelerate finds.
    """
    on_cpu = parse_flag_from_env("ACCELERATE_USE_CPU") or not torch.accelerator.is_available()
    # Without `cpu=True` processes on CPUs would not find each other, and each would do all the work.
    return PartialState(cpu=device == "cpu" or (device is None and on_cpu))


def world_size() -> int:
    """Processes that train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """This process's place among them."""
    return dist.get_rank() if world_size() > 1 else 0


class _AllRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, counts: Sequence[int]) -> Tensor:
        longest = rows.new_zeros((max(counts), *rows.shape[1:]))
        longest[: len(rows)] = rows
        parts = [torch.empty_like(longest) for _ in counts]
        dist.all_gather(parts, longest)
        ctx.start, ctx.count = sum(counts[: rank()]), len(rows)
        return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        gradient = gradient.contiguous()
        dist.all_reduce(gradient)
        return gradient[ctx.start : ctx.start + ctx.count], None


def row_counts(rows: Tensor) -> list[int]:
    """How many rows each process holds, in rank order."""
    own = torch.tensor([len(rows)], device=rows.device)
    counts = [torch.empty_like(own) for _ in range(world_size())]
    dist.all_gather(counts, own)
    return torch.cat(counts).tolist()


def all_rows(rows: Tensor, counts: Sequence[int] | None = None) -> Tensor:
    """The rows (B,...) of every process, in rank order.

    Args:
        counts: how many each process holds, see `row_counts`; all hold equally many where it is not given.

    The gradient is the sum over processes of what each asks for; with the averaging of DistributedDataParallel a
    loss that every process computes on the whole batch then gives the gradient of one process on that batch.
    """
    if world_size() == 1:
        return rows
    return _AllRows.apply(rows, [len(rows)] * world_size() if counts is None else counts)


def all_padded_rows(rows: Tensor, padding: int) -> Tensor:
    """As `all_rows`, for integer rows (B,L) whose L differs between processes; padded to the longest."""
    if world_size() == 1:
        return rows
    further = longest(rows.shape[1], rows.device) - rows.shape[1]
    return all_rows(torch.nn.functional.pad(rows, (0, further), value=padding))


def longest(length: int, device: torch.device) -> int:
    """The greatest of what the processes say."""
    if world_size() == 1:
        return length
    found = torch.tensor(length, device=device)
    dist.all_reduce(found, dist.ReduceOp.MAX)
    return int(found)


def total(value: Tensor) -> Tensor:
    """Sum over processes, without gradient."""
    value = value.detach().clone()
    if world_size() > 1:
        dist.all_reduce(value)
    return value


class Told:
    """What any process says, told to all of them one call later: an answer at once would have a GPU wait for it.

    Args:
        device: on which the processes speak to each other.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._said: Tensor | None = None

    def anybody(self, own: bool) -> bool:
        """Whether any process said yes: in this call where there is one process, else in the last; every process calls it."""
        if world_size() == 1:
            return own
        before, self._said = self._said, torch.full((), float(own), device=self.device)
        dist.all_reduce(self._said, dist.ReduceOp.MAX)
        return before is not None and bool(before)


LOST = re.compile(
    r"gloo.*(connection|socket|peer|timed out|pipe)|connection (closed|reset) by peer|NCCL.*(remote|abort|timeout)",
    re.I | re.S,
)
"""How backends say that a process is gone."""


def require_everybody(error: RuntimeError) -> None:
    """Say in a line where an error is that of a process that is gone.

    Raises:
        MateError: it is.
    """
    if world_size() > 1 and LOST.search(str(error)):
        raise MateError(
            f"process {rank()}: another process of this training is gone. What that one said, or what ended it, is the reason; go on "
            "with --resume last."
        ) from error
