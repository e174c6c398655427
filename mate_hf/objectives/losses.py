"""The losses of the paper, one function an equation: tensors in, scalar out.

All cosine losses take unnormalised features. B is the number of (caption, motion, word) triplets of the batch.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def _cosines(a: Tensor, b: Tensor) -> Tensor:
    """(N,D) and (M,D) -> (N,M)."""
    return F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T


def reconstruction(predicted: Tensor, motion: Tensor, mask: Tensor) -> Tensor:
    """L_rec (appendix C): mean L1 over real frames.

    Args:
        predicted, motion: (B,T,F), normalised; mask: (B,T), True on real frames.
    """
    error = (predicted - motion).abs().sum(-1).masked_fill(~mask, 0.0)
    return error.sum() / (mask.sum() * motion.shape[-1])


def self_disentanglement(word_motion: Tensor, prototypes: Tensor, prototype_id: Tensor, tau: float) -> Tensor:
    """L_self (Eq. 5): each word's motion feature against all K prototypes.

    Args:
        word_motion: f_{w_i}^{m_i} (B,D); prototypes: f^p (K,D); prototype_id: (B,) in [0, K).
    """
    return F.cross_entropy(_cosines(word_motion, prototypes) / tau, prototype_id)


def contrastive(
    a: Tensor, b: Tensor, excluded: Tensor | None, tau: float, contrary: tuple[Tensor, Tensor] | None = None
) -> Tensor:
    """Symmetric InfoNCE (Eq. 6) between paired rows of a and b, both (B,D).

    Args:
        excluded: (B,B), True where i and j are not negatives of one another; the diagonal does not matter. None: all
            others are, as the equation is printed.
        contrary: one more negative for each row of b, which is none of a's (B,D), and whether it is real (B,).
    """
    logits = _cosines(a, b) / tau
    if excluded is not None:
        own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
        logits = logits.masked_fill(excluded & ~own, float("-inf"))
    target = torch.arange(len(logits), device=logits.device)
    back = logits.T
    if contrary is not None:
        features, real = contrary
        further = F.cosine_similarity(features, b, dim=-1) / tau
        back = torch.cat([back, further.masked_fill(~real, float("-inf"))[:, None]], 1)
    return (F.cross_entropy(logits, target) + F.cross_entropy(back, target)) / 2


def same_group(group: Tensor | None) -> Tensor | None:
    """(B,) integers -> (B,B), True where two members are of one group."""
    return None if group is None else group.unsqueeze(0) == group.unsqueeze(1)


def word_alignment(
    word: Tensor,
    word_motion: Tensor,
    prototype_id: Tensor | None,
    tau: float,
    contrary: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """L_align (Eq. 6): projected word embeddings f^e against disentangled motion features, both (B,D).

    Args:
        prototype_id: (B,), the word's lemma; a word is not a negative of itself. None switches this guard off.
        contrary: f^e of words that mean the contrary (B,D), and whether there is one (B,).
    """
    return contrastive(word, word_motion, same_group(prototype_id), tau, contrary)


def sentence_alignment(
    text: Tensor,
    motion: Tensor,
    caption_id: Tensor | None,
    tau: float,
    contrary: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """L_sent (Sec. 3.4): sentence features f^t against motion features f^m, both (B,D).

    Args:
        caption_id: (B,), equal where captions are equal: they are not negatives. None switches this guard off.
        contrary: f^t of the captions with one word turned (B,D), and whether there is one (B,).
    """
    return contrastive(text, motion, same_group(caption_id), tau, contrary)


@torch.no_grad()
def least_similar_captions(word: Tensor, text: Tensor, excluded: Tensor, count: int) -> Tensor:
    """The negative set N of L_cross (appendix C): for word i, the captions j with the lowest cos(f^e_i, f^t_j).

    Args:
        word: f^e (B,D); text: f^t (B,D).
        excluded: (B,B), True where caption j may not serve word i (its own, or one that holds the lemma).
        count: 8 in the paper; fewer where fewer are legal.

    Returns:
        (B,B) bool, at most `count` True a row.
    """
    similarity = _cosines(word, text).masked_fill(excluded, float("inf"))
    lowest = similarity.argsort(dim=1, stable=True)[:, :count]
    return torch.zeros_like(excluded).scatter(1, lowest, True) & ~excluded


def cross_disentanglement(own: Tensor, crossed: Tensor, negatives: Tensor, first: int = 0) -> Tensor:
    """L_cross (equation after Eq. 5): a word must find nothing of its own where it is not spoken of.

    Args:
        own: f_{w_i}^{m_i} (B,D), each word on its own motion.
        crossed: (M,B,D), crossed[m, j] is word j on motion first + m.
        negatives: the set N, (B,B) bool, row i lists the j of (i, j).
        first: where the M motions start in the batch; with M < B the result is the share of these motions, and
            the shares of all sum to the loss.
    """
    motions = slice(first, first + len(crossed))
    crossed = F.normalize(crossed, dim=-1)
    own = F.normalize(own, dim=-1)
    motion_owner = torch.einsum("md,mbd->mb", own[motions], crossed).abs()
    word_owner = torch.einsum("bd,mbd->mb", own, crossed).abs()
    total = (motion_owner * negatives[motions]).sum() + (word_owner * negatives[:, motions].T).sum()
    return total / negatives.sum().clamp(min=1)


def attention_inside(weights: Tensor, inside: Tensor) -> Tensor:
    """How far attention is from its word's segment, row by row: -log of the weight inside.

    Args:
        weights: (...,T), each row summing to 1; inside: (...,T), True on the frames of the word's segment.
    """
    mass = (weights * inside).sum(-1)
    return -mass.clamp(min=1e-6).log()
