"""Diversity and MultiModality: how far apart generated motions are, over all captions and for one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mate_hf.errors import MateError
from mate_hf.evaluation.generation.checked_features import checked_features

DIVERSITY_PAIRS = 300
MULTIMODALITY_PAIRS = 10

Random = np.random.Generator | np.random.RandomState


def diversity(motions: ArrayLike, random: Random, pairs: int = DIVERSITY_PAIRS) -> float:
    """Mean distance of `pairs` pairs of motions drawn at random (Guo et al. 2022).

    Args:
        motions: (N,D) features.
        random: numpy's generator; a `RandomState` draws what the field's code draws under `np.random.seed`.

    Raises:
        MateError: not more motions than pairs, or drawn features that are not finite.
    """
    features = np.asarray(motions)
    if len(features) <= pairs:
        raise MateError(
            f"Diversity: {len(features)} motions; {pairs} pairs are drawn without repetition and need more. Evaluate a larger "
            "split, or ask for fewer pairs and say so beside the number."
        )
    first = random.choice(len(features), pairs, replace=False)
    second = random.choice(len(features), pairs, replace=False)
    apart = checked_features(features[first], "motions") - checked_features(features[second], "motions")
    return float(np.linalg.norm(apart, axis=1).mean())


def multimodality(motions: ArrayLike, random: Random, pairs: int = MULTIMODALITY_PAIRS) -> float:
    """Mean distance of `pairs` pairs of motions that one caption gave, over captions (Guo et al. 2022).

    Args:
        motions: (captions, generations, D) features; the field has 100 captions of 30 generations.
        random: see `diversity`. The same pairs are taken for every caption, as in the field.

    Raises:
        MateError: not more generations a caption than pairs, or features that are not finite.
    """
    features = checked_features(motions, "motions", dimensions=3)
    generations = features.shape[1]
    if generations <= pairs:
        raise MateError(
            f"MultiModality: {generations} generations a caption; {pairs} pairs are drawn without repetition and need more. "
            "The field takes 30."
        )
    first = random.choice(generations, pairs, replace=False)
    second = random.choice(generations, pairs, replace=False)
    return float(np.linalg.norm(features[:, first] - features[:, second], axis=2).mean())
