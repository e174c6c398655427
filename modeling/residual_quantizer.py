"""Latents as sums of codes, one of each level's codebook; codebooks follow the latents by running means."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn import functional as F

UNUSED = 1.0
"""A code that stands for fewer latents a batch, in the running mean, is replaced."""
EMPTY = 1e-7


class Quantized(NamedTuple):
    """Of latents (N,D).

    Attributes:
        latents: sums of their codes (N,D); gradients pass to the latents unchanged.
        codes: (N,levels), which code of each level; -1 for levels that were left out.
        commitment: mean squared distance of each level's residual to its code, the mean over the levels that were used.
    """

    latents: Tensor
    codes: Tensor
    commitment: Tensor


class ResidualQuantizer(nn.Module):
    """Residual vector quantization: each level's codebook codes what the levels before it left over.

    In training codebooks take running means of what they coded (van den Oord et al. 2017), on all processes together, and codes that
    hardly code anything are moved onto latents of the whole batch, as the main process draws them: codebooks stay alike.

    Args:
        levels: codebooks. codes: of each. width: of latents.
        decay: of the running means.
        level_dropout: chance that a batch uses only the first few levels, so that these learn to do without the others.
    """

    books: Tensor
    counts: Tensor
    sums: Tensor
    begun: Tensor

    def __init__(
        self, levels: int, codes: int, width: int, decay: float = 0.99, level_dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.levels, self.decay, self.level_dropout = levels, decay, level_dropout
        self.register_buffer("books", torch.zeros(levels, codes, width))
        self.register_buffer("counts", torch.ones(levels, codes))
        self.register_buffer("sums", torch.zeros(levels, codes, width))
        self.register_buffer("begun", torch.zeros(levels, dtype=torch.bool))

    def forward(self, latents: Tensor) -> Quantized:
        """Latents (N,D) of real frames only."""
        used = self._used() if self.training else self.levels
        residual, total = latents, torch.zeros_like(latents)
        codes = torch.full((len(latents), self.levels), -1, dtype=torch.int64, device=latents.device)
        commitment = latents.new_zeros(())
        for level in range(used):
            if self.training and not self.begun[level]:
                self._begin(level, residual.detach())
            codes[:, level] = chosen = self.nearest(level, residual.detach())
            coded = self.books[level][chosen].to(latents.dtype)
            commitment = commitment + F.mse_loss(residual, coded) / used
            if self.training:
                self._follow(level, residual.detach(), chosen)
            total = total + coded
            # The next level codes what is left of the latent itself; no gradient goes through the codes before.
            residual = residual - coded
        return Quantized(latents + (total - latents).detach(), codes, commitment)

    def nearest(self, level: int, residual: Tensor) -> Tensor:
        """The nearest code (N,) of a level for each residual (N,D)."""
        # In half precision near codes could not be told apart.
        wide = torch.promote_types(self.books.dtype, torch.float32)
        book, residual = self.books[level].to(wide), residual.to(wide)
        with torch.autocast(residual.device.type, enabled=False):
            # |x - c|^2 without |x|^2, which is the same for all codes.
            away = book.square().sum(1) - 2 * residual @ book.T
        return away.argmin(1)

    def decode(self, codes: Tensor) -> Tensor:
        """Codes (...,levels) -> latents (...,D); levels of code -1 add nothing."""
        found = [
            F.embedding(codes[..., level].clamp(min=0), self.books[level])
            * (codes[..., level : level + 1] >= 0)
            for level in range(codes.shape[-1])
        ]
        return torch.stack(found).sum(0)

    def _used(self) -> int:
        if self.levels == 1 or float(torch.rand(())) >= self.level_dropout:
            used = self.levels
        else:
            used = int(torch.randint(1, self.levels, ()))
        # Processes that add up different levels would wait for each other for ever.
        return int(_of_main(torch.tensor(used, device=self.books.device))) if _several() else used

    @torch.no_grad()
    def _begin(self, level: int, residual: Tensor) -> None:
        self.books[level] = self._drawn(residual, self.books.shape[1])
        self.sums[level] = self.books[level]
        self.begun[level] = True

    @torch.no_grad()
    def _follow(self, level: int, residual: Tensor, chosen: Tensor) -> None:
        size = self.books.shape[1]
        count = torch.bincount(chosen, minlength=size).to(self.counts.dtype)
        total = torch.zeros_like(self.sums[level]).index_add_(0, chosen, residual.to(self.sums.dtype))
        for part in (count, total):
            _add_up(part)
        self.counts[level].mul_(self.decay).add_(count, alpha=1 - self.decay)
        self.sums[level].mul_(self.decay).add_(total, alpha=1 - self.decay)
        mean = self.sums[level] / self.counts[level].clamp(min=EMPTY).unsqueeze(1)
        idle = (self.counts[level] < UNUSED).unsqueeze(1)
        self.books[level] = torch.where(idle, self._drawn(residual, size), mean)

    def _drawn(self, residual: Tensor, count: int) -> Tensor:
        """Latents of the whole batch (count,D) at random, each once where there are enough; the same on every process."""
        # One number of the stream, however many latents there are: processes go on drawing alike.
        seed = torch.randint(2**62, ())
        if _several():
            seed = _of_main(seed.to(residual.device))
        random = torch.Generator().manual_seed(int(seed))
        first, whole = _place(residual)
        order = torch.randperm(whole, generator=random).to(residual.device)
        chosen = order.repeat(-(-count // whole))[:count]
        if _several():
            # Each process puts in its own latents.
            own = (chosen >= first) & (chosen < first + len(residual))
            drawn = self.books.new_zeros(count, residual.shape[1])
            drawn[own] = residual[chosen[own] - first].to(self.books.dtype)
            _add_up(drawn)
        else:
            drawn = residual[chosen].to(self.books.dtype)
        if whole < count:
            # Copies of one latent would stay one code for ever.
            drawn = drawn + torch.randn(drawn.shape, generator=random).to(drawn) * (
                0.01 / drawn.shape[1] ** 0.5
            )
        return drawn


def _several() -> bool:
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def _of_main(part: Tensor) -> Tensor:
    if _several():
        dist.broadcast(part, 0)
    return part


def _place(rows: Tensor) -> tuple[int, int]:
    """Where the rows of this process begin among those of all, and how many these are."""
    if not _several():
        return 0, len(rows)
    counts = torch.zeros(dist.get_world_size(), dtype=torch.int64, device=rows.device)
    counts[dist.get_rank()] = len(rows)
    _add_up(counts)
    return int(counts[: dist.get_rank()].sum()), int(counts.sum())


def _add_up(part: Tensor) -> None:
    if _several():
        dist.all_reduce(part)
