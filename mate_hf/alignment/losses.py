"""L_inter and L_intra: Eq. 3 and 7, and what the paper holds against them."""

from __future__ import annotations

import torch
from torch import Tensor

from mate_hf.alignment.distances import matrix, pairwise
from mate_hf.alignment.selection import NONE, Proxies
from mate_hf.alignment.settings import AlignmentSettings


def inter_terms(
    texts: Tensor, generated: Tensor, real: Tensor, hard: Tensor, settings: AlignmentSettings
) -> Tensor:
    """Eq. 3 of each motion, the mean over its hard examples: (B,), 0 where it has none.

    Args:
        texts, generated, real: embeddings (B,D).
        hard: (B,k), see `hard_examples`.
    """
    examples = _examples(generated, settings)
    own, other = _to(texts, generated, hard, examples, settings)
    real_own, real_other = _to(texts, real, hard, real, settings)
    return _hinges(own - other, real_other - real_own, hard, settings)


def intra_terms(generated: Tensor, real: Tensor, chosen: Proxies, settings: AlignmentSettings) -> Tensor:
    """Eq. 7 of each motion, the mean over its pairs of proxies: (B,), 0 where it has none. Embeddings are of the clips (N,D)."""
    clip, positive, negative = (rows.clamp(min=0) for rows in chosen)
    examples, kind = _examples(generated, settings), settings.embedding_distance
    near, far = (pairwise(generated[clip], examples[rows], kind) for rows in (positive, negative))
    real_near, real_far = (pairwise(real[clip], real[rows], kind) for rows in (positive, negative))
    missing = torch.where(chosen.positive == NONE, NONE, chosen.negative)
    return _hinges(near - far, real_far - real_near, missing, settings)


def contrastive_terms(
    texts: Tensor, generated: Tensor, allowed: Tensor, settings: AlignmentSettings
) -> Tensor:
    """InfoNCE of each text (B,D) between its motion and all that may be hard examples of it: (B,), 0 where there are none."""
    own = torch.eye(len(texts), dtype=torch.bool, device=texts.device)
    kind = settings.embedding_distance
    away = matrix(texts, _examples(generated, settings), kind)
    logits = -torch.where(own, matrix(texts, generated, kind), away) / settings.inter_temperature
    lost = logits.masked_fill(~(allowed | own), float("-inf")).logsumexp(1) - logits.diagonal()
    return torch.where(allowed.any(1), lost, 0)


def _examples(generated: Tensor, settings: AlignmentSettings) -> Tensor:
    return generated.detach() if settings.detach_examples else generated


def _to(
    texts: Tensor, motions: Tensor, hard: Tensor, examples: Tensor, settings: AlignmentSettings
) -> tuple[Tensor, Tensor]:
    """Distances of texts to their own motions (B,1) and to their examples (B,k)."""
    own = pairwise(texts, motions.unsqueeze(1), settings.embedding_distance)
    return own, pairwise(texts, examples[hard.clamp(min=0)], settings.embedding_distance)


def _hinges(apart: Tensor, margin: Tensor, examples: Tensor, settings: AlignmentSettings) -> Tensor:
    """max(0, apart + margin) (B,k), the mean over the examples that there are (B,)."""
    if settings.margin == "fixed":
        margin = torch.full_like(margin, settings.fixed_margin)
    elif settings.clamp_margin:
        margin = margin.clamp(min=0)
    there = examples != NONE
    terms = (apart + margin.detach()).clamp(min=0) * there
    return terms.sum(1) / there.sum(1).clamp(min=1)
