"""FID: the Frechet distance between two Gaussians, from streamed statistics and without a matrix square root."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mate_hf.errors import MateError
from mate_hf.evaluation.generation.checked_features import Array, checked_features

ROUNDINGS = 16
"""As far as so many of their precision's last digits features of one motion lie apart, read in batches of other sizes."""


@dataclass
class Gaussian:
    """Mean and covariance of features that come in parts: memory stays at D x D, however many motions there are.

    Attributes:
        what: the features belong to, for messages.
        count: of rows so far.
        mean: (D,).
        scatter: (D,D), sum of the products of deviations from the mean.
        epsilon: of the precision that features came in, the coarsest of all parts.
    """

    what: str = "motions"
    count: int = 0
    mean: Array | None = None
    scatter: Array | None = None
    epsilon: float = 0.0

    def add(self, features: ArrayLike) -> Gaussian:
        """Take further rows (N,D).

        Raises:
            MateError: another width than before, or values that are not finite.
        """
        part = checked_features(features, self.what)
        self.epsilon = max(self.epsilon, _epsilon(features))
        mean = part.mean(0)
        centred = part - mean
        scatter = centred.T @ centred
        if self.mean is None or self.scatter is None:
            self.count, self.mean, self.scatter = len(part), mean, scatter
            return self
        if len(mean) != len(self.mean):
            raise MateError(
                f"features of {self.what}: width {len(mean)} after rows of width {len(self.mean)}."
            )
        # Chan et al. 1979: two parts' statistics give those of their union, without the cancellation of sums of squares.
        total = self.count + len(part)
        shift = mean - self.mean
        self.scatter = self.scatter + scatter + np.outer(shift, shift) * (self.count * len(part) / total)
        self.mean = self.mean + shift * (len(part) / total)
        self.count = total
        return self

    @property
    def covariance(self) -> Array:
        """(D,D), of N - 1 as the field has it.

        Raises:
            MateError: fewer than two rows, or nothing but one and the same.
        """
        if self.mean is None or self.scatter is None or self.count < 2:
            raise MateError(f"features of {self.what}: {self.count} rows; a covariance needs two or more.")
        if self.scatter.trace() <= self.count * (ROUNDINGS * self.epsilon * np.linalg.norm(self.mean)) ** 2:
            raise MateError(
                f"features of {self.what}: all {self.count} rows are identical. Does every file hold the same motion, or has "
                "the evaluator collapsed?"
            )
        return self.scatter / (self.count - 1)

    def warn_if_few(self) -> None:
        """Say that fewer rows than features make a covariance of deficient rank, and FID larger than it is."""
        if self.mean is not None and self.count <= len(self.mean):
            warnings.warn(
                f"FID from {self.count} {self.what} of {len(self.mean)} features: their covariance has not full rank, and "
                "FID is biased upwards. Compare only numbers of equal counts.",
                stacklevel=3,
            )


def _epsilon(features: ArrayLike) -> float:
    kind = np.asarray(features).dtype
    return float(np.finfo(kind).eps) if kind.kind == "f" else 0.0


def frechet_distance(real: Gaussian, generated: Gaussian) -> float:
    """FID of Heusel et al. 2017: |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2)).

    With S = L L^T by a symmetric eigendecomposition, the trace of the square root is the sum of the singular values of
    L1^T L2: nothing imaginary comes up, and singular covariances need no offset.

    Raises:
        MateError: widths that differ, or fewer than two rows.
    """
    first, second = real.covariance, generated.covariance
    assert real.mean is not None
    assert generated.mean is not None
    if first.shape != second.shape:
        raise MateError(
            f"FID: features of {real.what} are {len(first)} wide, those of {generated.what} {len(second)}. Take both from one "
            "evaluator."
        )
    for gaussian in (real, generated):
        gaussian.warn_if_few()
    shared = np.linalg.svd(_factor(first).T @ _factor(second), compute_uv=False).sum()
    shift = real.mean - generated.mean
    # Equal inputs leave a rest of rounding, which may be negative.
    return max(0.0, float(shift @ shift + np.trace(first) + np.trace(second) - 2 * shared))


def _factor(covariance: Array) -> Array:
    """L (D,D) with L L^T = covariance; what rounding left of an empty direction is dropped."""
    values, vectors = np.linalg.eigh(covariance)
    values = np.where(values > values[-1] * len(values) * np.finfo(np.float64).eps, values, 0.0)
    return vectors * np.sqrt(values)
