"""`align`: how far a batch of generated motions is from saying what its texts say, as a loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.alignment.clips import Clips, clips_of
from mate_hf.alignment.losses import contrastive_terms, inter_terms, intra_terms
from mate_hf.alignment.selection import NONE, Proxies, hard_examples, may_be_hard, proxies
from mate_hf.alignment.settings import AlignmentSettings

Encode = Callable[[Tensor, Tensor], Tensor]
"""E_m, frozen: raw features (N,T,F) and which frames are there (N,T) -> embeddings (N,D), with gradient to the features."""


_ROUNDING = 1e-6
"""Of seconds times frames a second: 1.1 times 20 is a little more than 22."""


@dataclass(frozen=True)
class AlignmentLoss:
    """What `align` finds.

    Attributes:
        inter, intra: L_inter and L_intra, scalars.
        total: lambda (L_inter + L_intra), the addition of Eq. 8 to a generator's own loss.
        hard: hard examples of each motion (B,k), numbers of motions; -1 where there is none.
        clips: into which the batch was cut.
        proxies: worst clip and its proxies, numbers of clips; -1 where there is none.
        inactive: how many motions have no term, by loss.
    """

    inter: Tensor
    intra: Tensor
    total: Tensor
    hard: Tensor
    clips: Clips
    proxies: Proxies
    inactive: dict[str, int]


def align(
    generated: Tensor,
    real: Tensor,
    lengths: Tensor,
    texts: Tensor,
    captions_similarity: Tensor,
    encode: Encode,
    fps: float,
    settings: AlignmentSettings | None = None,
) -> AlignmentLoss:
    """L_inter and L_intra of ATM (WACV 2026; Eq. 2 to 8).

    Args:
        generated, real: raw features (B,T,F), of the same captions; a diffusion model's one-step estimate of the clean motion will do.
        lengths: frames that are there (B,).
        texts: embeddings (B,D) of the captions by the frozen E_t, as it gives them: for Euclidean distances not of length 1.
        captions_similarity: cosines (B,B) of the captions by a sentence encoder; 1 where they are equal.
        encode: the frozen E_m. Motions are embedded in one call, their clips in another, and the clips that were chosen once more, with
            gradient; outside of autocast, as all of this: in half precision other examples would be chosen.
        fps: frames a second.

    Raises:
        ValueError: shapes that do not belong together.
    """
    settings = settings or AlignmentSettings()
    _require_shapes(generated, real, lengths, texts, captions_similarity)
    generated, real, texts, captions_similarity = map(_wide, (generated, real, texts, captions_similarity))
    there = torch.arange(generated.shape[1], device=generated.device) < lengths[:, None]

    def embed(motion: Tensor, frames: Tensor) -> Tensor:
        return _wide(encode(motion, frames))

    with torch.autocast(generated.device.type, enabled=False):
        with torch.no_grad():
            real_whole = embed(real, there)
        whole = embed(generated, there)
        inter, hard, with_inter = _inter(whole, real_whole, texts, captions_similarity, settings)
        misaligned = F.cosine_similarity(whole.detach(), real_whole) < settings.aligned_motion
        clips = _clips(lengths, fps, settings)
        intra, chosen, with_intra = _intra(generated, real, clips, misaligned, embed, settings)
    return AlignmentLoss(
        inter,
        intra,
        settings.alignment_weight * (inter + intra),
        hard,
        clips,
        chosen,
        {"inter": len(hard) - int(with_inter.sum()), "intra": len(hard) - int(with_intra.sum())},
    )


def _inter(
    generated: Tensor, real: Tensor, texts: Tensor, similarity: Tensor, settings: AlignmentSettings
) -> tuple[Tensor, Tensor, Tensor]:
    """L_inter of embeddings (B,D), hard examples (B,k), and which motions have a term (B,)."""
    hard, _ = _none(len(generated), settings, generated.device)
    if "inter" not in settings.alignment:
        return generated.new_zeros(()), hard, hard.new_zeros(len(hard), dtype=torch.bool)
    allowed = may_be_hard(similarity, settings)
    if settings.inter_form == "contrastive":
        terms = contrastive_terms(texts, generated, allowed, settings)
    else:
        hard = hard_examples(generated, real, allowed, settings)
        terms = inter_terms(texts, generated, real, hard, settings)
    active = allowed.any(1)
    return _mean(terms, active, settings), hard, active


def _intra(
    generated: Tensor,
    real: Tensor,
    clips: Clips,
    misaligned: Tensor,
    embed: Encode,
    settings: AlignmentSettings,
) -> tuple[Tensor, Proxies, Tensor]:
    """L_intra of raw features (B,T,F), the worst clips and their proxies, and which motions have a term (B,)."""
    if not len(clips.motion) or not misaligned.any():
        _, chosen = _none(len(generated), settings, generated.device)
        return generated.new_zeros(()), chosen, torch.zeros_like(misaligned)
    with torch.no_grad():
        real_clips, made_clips = (embed(*clips.cut(motions)) for motions in (real, generated))
    chosen = proxies(made_clips, real_clips, clips, misaligned, settings)
    made_clips = _embedded_again(made_clips, generated, clips, chosen, embed)
    active = chosen.clip != NONE
    return _mean(intra_terms(made_clips, real_clips, chosen, settings), active, settings), chosen, active


def _clips(lengths: Tensor, fps: float, settings: AlignmentSettings) -> Clips:
    """Into which motions are cut for L_intra: none where it is not asked for."""
    return clips_of(
        lengths if "intra" in settings.alignment else lengths[:0],
        frames_of(settings.clip_seconds, fps),
        math.ceil(settings.shortest_clip * fps - _ROUNDING),
    )


def nothing_aligned(generated: Tensor, settings: AlignmentSettings) -> AlignmentLoss:
    """What `align` would find if no motion had a term, without asking the module."""
    rows, nothing = len(generated), generated.new_zeros((), dtype=torch.float32)
    hard, chosen = _none(rows, settings, generated.device)
    clips = clips_of(hard[:0, 0], 1, 1)
    return AlignmentLoss(nothing, nothing, nothing, hard, clips, chosen, {"inter": rows, "intra": rows})


def frames_of(seconds: float, fps: float) -> int:
    """The nearest number of frames, of two as near the larger: at 12.5 fps a second has 13."""
    return math.floor(seconds * fps + 0.5 + _ROUNDING)


def _none(rows: int, settings: AlignmentSettings, device: torch.device) -> tuple[Tensor, Proxies]:
    """No hard examples (B,k), and no proxies."""
    hard, pairs = (
        torch.full((rows, settings.count_of(kind)), NONE, device=device) for kind in ("hard", "proxy")
    )
    return hard, Proxies(pairs[:, 0], pairs, pairs)


def _wide(numbers: Tensor) -> Tensor:
    """Half precision as float32; the rest as it is."""
    return numbers.float() if numbers.dtype in (torch.float16, torch.bfloat16) else numbers


def _embedded_again(
    embeddings: Tensor, generated: Tensor, clips: Clips, chosen: Proxies, encode: Encode
) -> Tensor:
    """Embeddings (N,D) of all clips, those of the chosen ones with gradient: most clips are never chosen."""
    used = torch.cat([rows.flatten() for rows in chosen]).unique()
    used = used[used != NONE]
    if not len(used):
        return embeddings
    found = encode(*Clips(*(part[used] for part in clips)).cut(generated))
    return embeddings.index_copy(0, used, found.to(embeddings.dtype))


def _mean(terms: Tensor, active: Tensor, settings: AlignmentSettings) -> Tensor:
    count = active.sum().clamp(min=1) if settings.mean_over == "active" else len(terms)
    return terms.sum() / count


def _require_shapes(
    generated: Tensor, real: Tensor, lengths: Tensor, texts: Tensor, similarity: Tensor
) -> None:
    if generated.dim() != 3 or generated.shape != real.shape:
        raise ValueError(
            f"generated {tuple(generated.shape)} and real {tuple(real.shape)}: expected raw features of one shape, (motions, frames, width)."
        )
    rows, frames = generated.shape[:2]
    if lengths.shape != (rows,) or not bool(((lengths >= 1) & (lengths <= frames)).all()):
        raise ValueError(
            f"lengths {tuple(lengths.shape)} from {lengths.min().item() if lengths.numel() else '-'} to "
            f"{lengths.max().item() if lengths.numel() else '-'}: expected one a motion, ({rows},), from 1 to {frames} frames."
        )
    if texts.dim() != 2 or len(texts) != rows:
        raise ValueError(f"texts {tuple(texts.shape)}: expected an embedding a motion, ({rows}, width).")
    if similarity.shape != (rows, rows):
        raise ValueError(
            f"captions_similarity {tuple(similarity.shape)}: expected cosines of all pairs, ({rows}, {rows})."
        )
