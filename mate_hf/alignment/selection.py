"""Which motions and clips are misaligned, and what they are held against: Eq. 2 and 4 to 6. Nothing here has a gradient."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.alignment.clips import Clips
from mate_hf.alignment.distances import closeness, matrix, pairwise
from mate_hf.alignment.settings import AlignmentSettings

NONE = -1
"""In place of what was not found."""

SAME = 1 - 1e-5
"""Captions of this cosine are one, whatever rounding made of it."""


class Proxies(NamedTuple):
    """Of each motion (B,) its worst clip, and of that (B,k) what it should be like and unlike: numbers of clips, or `NONE`."""

    clip: Tensor
    positive: Tensor
    negative: Tensor


@torch.no_grad()
def may_be_hard(similarity: Tensor, settings: AlignmentSettings) -> Tensor:
    """(B,B): whether a motion may be a hard example of another, by the similarity (B,B) of their captions: never of an equal one."""
    own = torch.eye(len(similarity), dtype=torch.bool, device=similarity.device)
    return (similarity <= settings.similar_captions) & (similarity < SAME) & ~own


@torch.no_grad()
def hard_examples(generated: Tensor, real: Tensor, allowed: Tensor, settings: AlignmentSettings) -> Tensor:
    """Eq. 2: motions (B,k) that were generated as if alike, though the real ones are not; `NONE` where there are fewer.

    Args:
        generated, real: embeddings (B,D).
        allowed: (B,B), see `may_be_hard`.
    """
    score = closeness(
        matrix(generated, generated, settings.embedding_distance),
        matrix(real, real, settings.embedding_distance),
        settings.rule_of("hard"),
    )
    return _least(score, allowed, settings.count_of("hard"))


@torch.no_grad()
def proxies(
    generated: Tensor, real: Tensor, clips: Clips, misaligned: Tensor, settings: AlignmentSettings
) -> Proxies:
    """Eq. 4 to 6, of the motions that are misaligned (B,) and have a clip and two others in the batch.

    Args:
        generated, real: embeddings of the clips (N,D).
    """
    count, own = len(misaligned), torch.arange(len(clips.motion), device=misaligned.device)
    away = pairwise(generated, real.unsqueeze(-2), settings.embedding_distance).squeeze(-1)
    mine = clips.motion == torch.arange(count, device=misaligned.device)[:, None]
    worst = _least(-away.expand(count, -1), mine & misaligned[:, None], 1)[:, 0]
    others = own != worst[:, None]
    if not settings.own_clips:
        others &= ~mine
    others &= (worst != NONE)[:, None]
    others &= (others.sum(1) > 1)[:, None]
    kind = settings.embedding_distance
    row = worst.clamp(min=0)
    made, given = matrix(generated[row], generated, kind), matrix(real[row], real, kind)
    most, least = (closeness(made, given, settings.rule_of(of)) for of in ("positive", "negative"))
    positive, negative = (_least(score, others, settings.count_of("proxy")) for score in (-most, least))
    return Proxies(torch.where(others.any(1), worst, NONE), positive, negative)


def _least(score: Tensor, allowed: Tensor, count: int) -> Tensor:
    """Of each row the columns (..., count) of the least scores among the allowed, the first of equals; `NONE` where there are fewer."""
    ranked = score.masked_fill(~allowed, float("inf")).argsort(dim=-1, stable=True)[..., :count]
    found = ranked.masked_fill(~allowed.gather(-1, ranked), NONE)
    return F.pad(found, (0, count - found.shape[-1]), value=NONE)
