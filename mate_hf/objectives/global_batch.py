"""What every contrastive objective shares: in training it compares the batch of all processes, with gradient."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mate_hf.utils.distributed import (
    all_padded_rows,
    all_rows,
    longest,
    rank,
    row_counts,
    total,
    world_size,
)


class GlobalBatch(nn.Module):
    """An objective of which each process holds a share of the batch.

    Averaged over processes, losses and gradients are those of one process on the whole batch.
    """

    @property
    def gathers(self) -> bool:
        """Whether other processes hold rows too. Validation runs on one process alone."""
        return self.training and world_size() > 1

    def whole(self, rows: Tensor, counts: Sequence[int] | None = None) -> Tensor:
        """The rows (B,...) of all processes, see `all_rows`."""
        return all_rows(rows, counts) if self.gathers else rows

    def whole_padded(self, rows: Tensor, padding: int) -> Tensor:
        """Integer rows (B,L) of all processes, padded to the longest."""
        return all_padded_rows(rows, padding) if self.gathers else rows

    def first_row(self, own: int) -> int:
        """Where this process's rows begin in the whole batch, of which each process holds `own`."""
        return rank() * own if self.gathers else 0

    def place(self, rows: Tensor) -> tuple[int, int]:
        """Where this process's rows begin in the whole batch, of whatever number each process holds, and how many those are.

        Chance is asked for the whole batch: processes that asked for their own rows alone would all be told the same.
        """
        if not self.gathers:
            return 0, len(rows)
        counts = row_counts(rows)
        return sum(counts[: rank()]), sum(counts)

    def longest(self, rows: Tensor) -> int:
        """The greatest length of the rows (B,L,...) of any process."""
        return longest(rows.shape[1], rows.device) if self.gathers else rows.shape[1]

    @property
    def processes(self) -> int:
        """How many hold a share."""
        return world_size() if self.gathers else 1

    def share(self, count: Tensor) -> Tensor:
        """Makes the mean over processes of their means over `count` things the mean over all things."""
        return count * world_size() / total(count) if self.gathers else torch.ones_like(count)

    def mean(self, summed: Tensor, count: Tensor) -> Tensor:
        """The mean over the rows of all processes, as averaging over processes makes it up; 0 where there is no row.

        Args:
            summed, count: sum and number of this process's rows.
        """
        if not self.gathers:
            return summed / count.clamp(min=1)
        return summed * world_size() / total(count).clamp(min=1)
