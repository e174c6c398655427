"""From masks to codes in a few steps: what is said most surely stays, the rest is asked for again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from .code_transformers import Said
from .masking import lowest, masked_counts
from .modeling_masked import MaskedModel

KEPT_SHARE = 0.1
"""Only so many of the codes, the likeliest, are drawn from."""


@torch.no_grad()
def unmask(
    model: MaskedModel,
    known: Tensor,
    there: Tensor,
    said: Said,
    randoms: Sequence[torch.Generator],
    steps: int,
    guidance: float,
    tick: Callable[[], None] = lambda: None,
) -> Tensor:
    """Codes (B,P,levels); -1 where there is no motion.

    The first level is filled in over `steps`, of which each leaves as many masked as `masked_share` says, those that were said least
    surely; then each further level is said at once. Every motion draws from a generator of its own, as if it stood alone.

    Args:
        known: codes that are given (B,P,levels), all levels of a place; -1 where they are to be said.
        there: (B,P), True where the motion is.
        said: of each motion; `silent` is taken for what the prompt itself leaves unsaid.
        randoms: of each motion, on the CPU.
        guidance: how much more is made of the prompt than of none; 1 is none.
        tick: called after every evaluation.
    """
    asked = _doubled(said, len(known)) if guidance != 1 else said
    free = there & (known[..., 0] < 0)
    lengths, mask = free.sum(1), model.base.mask
    codes = known.clone()
    first = torch.where(free, mask, known[..., 0])
    # Of the model's own precision: see `exact`.
    sure = model.base.leave.weight.new_zeros(free.shape).masked_fill(~free, float("inf"))
    for step in range(steps):
        progress = sure.new_full((len(known),), step / steps)
        hidden = lowest(sure, masked_counts(progress, lengths)) & free
        read = first.masked_fill(hidden, mask)
        logits = _guided(lambda *batch: model.base(batch[0], batch[1], asked), guidance, read, there)
        drawn = _drawn(logits, there, randoms)
        first = torch.where(hidden, drawn, read)
        likely = logits.log_softmax(-1).gather(2, drawn[..., None]).squeeze(2)
        # What was kept once stays.
        sure = torch.where(hidden, likely, float("inf"))
        tick()
    codes[..., 0] = first
    for level in range(1, codes.shape[-1]):
        assert model.residual is not None
        residual, number = model.residual, torch.full((len(known),), level, device=codes.device)
        logits = _guided(lambda *batch: residual(*batch, asked), guidance, codes, number, there)  # noqa: B023
        codes[..., level] = torch.where(free, _drawn(logits, there, randoms), known[..., level])
        tick()
    return codes.masked_fill(~there[..., None], -1)


def _doubled(said: Said, count: int) -> Said:
    """Everything once, and once more as if nothing was said."""
    silent = (
        torch.zeros(count, dtype=torch.bool, device=said.mask.device) if said.silent is None else said.silent
    )
    text, mask, sentence = (torch.cat([part, part]) for part in said[:3])
    return Said(text, mask, sentence, torch.cat([silent, torch.ones_like(silent)]))


def _guided(logits_of: Callable[..., Tensor], guidance: float, *batch: Tensor) -> Tensor:
    """What the prompt makes of a batch, and more of it."""
    if guidance == 1:
        return logits_of(*batch)
    spoken, quiet = logits_of(*(torch.cat([part, part]) for part in batch)).chunk(2)
    return quiet + guidance * (spoken - quiet)


def _drawn(logits: Tensor, there: Tensor, randoms: Sequence[torch.Generator]) -> Tensor:
    """A code of each place (B,P), drawn from the likeliest by Gumbel noise."""
    count = logits.shape[-1]
    noise = torch.zeros(logits.shape)
    for row, random, length in zip(noise, randoms, there.sum(1).tolist(), strict=True):
        row[:length].exponential_(generator=random).log_().neg_()
    least = logits.topk(max(1, round(KEPT_SHARE * count)), -1).values[..., -1:]
    noisy = logits + noise.to(logits)
    return noisy.masked_fill(logits < least, float("-inf")).argmax(-1)
