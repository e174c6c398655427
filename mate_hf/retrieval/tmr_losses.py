"""The losses of TMR (Petrovich et al. 2023) that MATE does not share; InfoNCE is `mate_hf.objectives.losses.contrastive`."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.modeling.modeling_tmr import Gaussian


def smooth_reconstruction(predicted: Tensor, motion: Tensor, mask: Tensor) -> Tensor:
    """SmoothL1 over real frames: predicted and motion (B,T,F), normalised; mask (B,T), True on real frames."""
    error = F.smooth_l1_loss(predicted, motion, reduction="none").sum(-1).masked_fill(~mask, 0.0)
    return error.sum() / (mask.sum() * motion.shape[-1])


def divergence(of: Gaussian, to: Gaussian) -> Tensor:
    """KL(of || to) between diagonal Gaussians, the mean over batch and latent dimensions."""
    log_ratio = of.logvar - to.logvar
    shift = (to.mean - of.mean).pow(2) / to.logvar.exp()
    return 0.5 * (log_ratio.exp() + shift - 1 - log_ratio).mean()


def standard_normal(like: Gaussian) -> Gaussian:
    """N(0, 1) in the shape of another."""
    return Gaussian(torch.zeros_like(like.mean), torch.zeros_like(like.logvar))


def similar_captions(sentence: Tensor, threshold: float) -> Tensor:
    """(B,B), True where captions are too alike to be negatives.

    Args:
        sentence: (B,D), a frozen sentence encoder's features.
        threshold: of their cosine. TMR says 0.80 on a scale from 0 to 1, which is 0.6; OpenTMA and ATM 0.85.
    """
    unit = F.normalize(sentence, dim=-1)
    return unit @ unit.T > threshold
