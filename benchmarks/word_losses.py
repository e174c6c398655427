"""Words on motions (Eq. 2-7) with keys shared by all words, against gathering and repeating motions for every word.

python -m benchmarks.word_losses [--batch 64] [--frames 196] [--width 512] [--repeats 3] [--out word_losses.json]

Both take the same features, draw the same negatives and must give the same losses and gradients; forward and backward count.
Gather-and-repeat is how Eq. 2-3 read: each (word, motion) pair has keys of its own, scaled by the prior and projected for it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from torch import Tensor

from benchmarks.timing import ratio, record, show, take_turns
from mate_hf.modeling.word_attention import WordAttention
from mate_hf.objectives import losses

TAU, NEGATIVES, HEADS, STRENGTH = 0.05, 8, 8, 0.1
TOLERANCE = 1e-4
"""Largest relative deviation of a gradient that float32 sums in another order may have."""


@dataclass
class Features:
    """What the encoders give: frames F^m (B,T,D), words f^e, texts f^t (B,D), prototypes (K,D); all but texts learn."""

    frames: Tensor
    word: Tensor
    text: Tensor
    prototypes: Tensor
    prior: Tensor
    prototype_id: Tensor

    @property
    def learning(self) -> list[Tensor]:
        return [self.frames, self.word, self.prototypes]


def main(
    batch: Annotated[int, typer.Option(help="Words and motions.")] = 64,
    frames: Annotated[int, typer.Option(help="Frames of each motion.")] = 196,
    width: Annotated[int, typer.Option(help="D.")] = 512,
    vocabulary: Annotated[int, typer.Option(help="K.")] = 1500,
    repeats: Annotated[int, typer.Option(help="Counted turns; medians are reported.")] = 3,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print both times, their ratio and how far the results lie apart."""
    torch.set_num_threads(threads)
    features = random_features(batch, frames, width, vocabulary, device)
    torch.manual_seed(0)
    attention = WordAttention(width, HEADS, dropout=0.0, prior_strength=STRENGTH).to(torch.device(device))
    apart = deviation(features, attention)
    cases = {
        "gather and repeat": lambda: gradients(gathered(features, attention), features, attention),
        "shared keys": lambda: gradients(shared(features, attention), features, attention),
    }
    seconds = take_turns(cases, repeats)
    faster = ratio(seconds, "gather and repeat", "shared keys")
    show(
        f"L_self + L_cross + L_align of {batch} words on {device}: {faster:.1f} x faster, gradients within {apart:.1e}",
        ["how", "seconds"],
        [[name, median(times)] for name, times in seconds.items()],
    )
    record(out, {"device": device, "ratio": faster, "deviation": apart, "seconds": seconds}, sys.argv)


def random_features(batch: int, frames: int, width: int, vocabulary: int, device: str) -> Features:
    """Features at random, every word another lemma."""
    random = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random).to(torch.device(device)).requires_grad_()

    prior = torch.rand(batch, frames, generator=random).to(torch.device(device))
    ids = torch.randperm(vocabulary, generator=random)[:batch].to(torch.device(device))
    return Features(
        normal(batch, frames, width), normal(batch, width), normal(batch, width).detach(), normal(vocabulary, width), prior, ids
    )  # fmt: skip


def shared(features: Features, attention: WordAttention) -> Tensor:
    """L_word as training computes it."""
    mask = torch.ones(features.frames.shape[:2], dtype=torch.bool, device=features.frames.device)
    keys, values = attention.project_frames(features.frames)
    own = attention(features.word.unsqueeze(1), keys, values, mask, features.prior.unsqueeze(1)).squeeze(1)
    crossed = attention(features.word, keys, values, mask)
    return _self_and_align(features, own) + losses.cross_disentanglement(own, crossed, _negatives(features))


def gathered(features: Features, attention: WordAttention) -> Tensor:
    """L_word as its equations are written: a copy of the motion, scaled and projected, for every word that queries it."""
    own = _attend(features.word, features.frames, attention, features.prior)
    rows, columns = _negatives(features).nonzero(as_tuple=True)
    here = _attend(features.word[columns], features.frames[rows], attention)
    there = _attend(features.word[rows], features.frames[columns], attention)
    first = torch.cosine_similarity(own[rows], here, dim=-1).abs()
    second = torch.cosine_similarity(own[rows], there, dim=-1).abs()
    return _self_and_align(features, own) + (first + second).sum() / len(rows)


def _attend(words: Tensor, frames: Tensor, attention: WordAttention, prior: Tensor | None = None) -> Tensor:
    """One word (N,D) on one motion (N,T,D) each."""
    scaled = frames if prior is None else (1 + attention.prior_strength * prior.unsqueeze(-1)) * frames
    query, keys, values = attention.query(words), attention.key(scaled), attention.value(frames)
    query, keys, values = (part.unflatten(-1, (attention.heads, -1)) for part in (query, keys, values))
    weights = (torch.einsum("nhd,nthd->nht", query, keys) * query.shape[-1] ** -0.5).softmax(-1)
    found: Tensor = attention.output(torch.einsum("nht,nthd->nhd", weights, values).flatten(1))
    return found


def _self_and_align(features: Features, own: Tensor) -> Tensor:
    ids = features.prototype_id
    return losses.self_disentanglement(own, features.prototypes, ids, TAU) + losses.word_alignment(
        features.word, own, ids, TAU
    )


def _negatives(features: Features) -> Tensor:
    excluded = torch.eye(len(features.word), dtype=torch.bool, device=features.word.device)
    return losses.least_similar_captions(features.word, features.text, excluded, NEGATIVES)


def gradients(loss: Tensor, features: Features, attention: WordAttention) -> tuple[Tensor, ...]:
    """Of the features and of the attention's weights."""
    return torch.autograd.grad(loss, [*features.learning, *attention.parameters()])


def deviation(features: Features, attention: WordAttention) -> float:
    """Largest deviation of any gradient, relative to the largest entry of its tensor.

    Raises:
        AssertionError: the two do not compute the same.
    """
    pairs = zip(
        gradients(shared(features, attention), features, attention),
        gradients(gathered(features, attention), features, attention),
        strict=True,
    )
    apart = max(float((one - other).abs().max() / other.abs().max().clamp(min=1e-6)) for one, other in pairs)
    assert apart < TOLERANCE, f"gradients {apart:.1e} apart"
    return apart


if __name__ == "__main__":
    typer.run(main)
