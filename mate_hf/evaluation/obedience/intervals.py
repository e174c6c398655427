"""95 % intervals of means over motions that are not independent: those of one prompt share its words.

Prompts are resampled, each with all its motions (a bootstrap over clusters): 4 motions of a prompt that a model misreads are one
misreading, not four. An interval over motions as if each was drawn alone would be too narrow by up to the root of their number.
Where every prompt has the same mean, say all obey, resamples are alike and say nothing; a share then gets Wilson's interval for as
many independent trials as there are prompts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError

RESAMPLES = 2000
NORMAL_95 = 1.959964
TAILS = (2.5, 97.5)


@dataclass(frozen=True)
class Estimate:
    """A mean over motions.

    Attributes:
        mean: in percent where it is a share.
        low, high: the 95 % interval; None where nothing can be said.
        prompts, motions: how many it is over.
    """

    mean: float
    low: float | None
    high: float | None
    prompts: int
    motions: int

    def __str__(self) -> str:
        return self._text(".1f")

    @property
    def signed(self) -> str:
        """As text, of a difference."""
        return self._text("+.1f")

    def _text(self, form: str) -> str:
        if self.low is None or self.high is None:
            return f"{self.mean:{form}}"
        return f"{self.mean:{form}} [{self.low:{form}}, {self.high:{form}}]"


def wilson(right: float, trials: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share, as two shares in [0, 1].

    Raises:
        MateError: no trials.
    """
    if trials < 1:
        raise MateError("wilson: no trials.")
    share, z = right / trials, NORMAL_95**2 / trials
    middle = (share + z / 2) / (1 + z)
    half = (z * (share * (1 - share) + z / 4)) ** 0.5 / (1 + z)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def share(groups: Iterable[Sequence[float]], seed: int = 0) -> Estimate:
    """The share of right ones (true, false, or 0.5 where nothing decides) in percent; a group holds the motions of one prompt.

    Raises:
        MateError: no motion.
    """
    found = mean([[100.0 * right for right in group] for group in groups], seed)
    if found.low is not None:
        return found
    low, high = wilson(found.mean / 100 * found.prompts, found.prompts)
    return Estimate(found.mean, 100 * low, 100 * high, found.prompts, found.motions)


def mean(groups: Iterable[Sequence[float]], seed: int = 0) -> Estimate:
    """The mean over motions; a group holds the motions of one prompt.

    Raises:
        MateError: no motion.
    """
    kept = [group for group in groups if len(group)]
    if not kept:
        raise MateError("No motion to take a mean of.")
    sums, sizes = (
        np.array([part(group) for group in kept], dtype=float) for part in (lambda g: float(sum(g)), len)
    )
    whole = float(sums.sum() / sizes.sum())
    if np.ptp(sums / sizes) < 1e-12:
        return Estimate(whole, None, None, len(kept), int(sizes.sum()))
    low, high = np.percentile(_resampled(sums, sizes, seed), TAILS).tolist()
    return Estimate(whole, low, high, len(kept), int(sizes.sum()))


def _resampled(sums: NDArray[np.float64], sizes: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """(RESAMPLES,) means, each over as many groups drawn with replacement."""
    drawn = np.random.default_rng(seed).integers(len(sums), size=(RESAMPLES, len(sums)))
    means: NDArray[np.float64] = sums[drawn].sum(1) / sizes[drawn].sum(1)
    return means
