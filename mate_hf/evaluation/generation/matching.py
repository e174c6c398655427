"""R-Precision and MM-Dist: does a motion fit its own caption better than those of 31 others?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from mate_hf.errors import MateError
from mate_hf.evaluation.generation.checked_features import Array, checked_features

BATCH = 32
TOP = 3


@dataclass
class Matching:
    """Counted batch by batch, as Guo et al. 2022 do: captions in rows, Euclidean distance, top 1 to 3 of 32.

    Attributes:
        batch: captions and motions that are ranked together.
        keep_last: count the last, smaller batch of a split too, as ReMoDiffuse does; it is easier than the others.
        pairs: counted so far.
        hits: (3,), expected hits at top 1, 2, 3.
        distance: sum of each caption's distance to its own motion.
    """

    batch: int = BATCH
    keep_last: bool = False
    pairs: int = 0
    hits: Array = field(default_factory=lambda: np.zeros(TOP))
    distance: float = 0.0

    def add(self, texts: ArrayLike, motions: ArrayLike) -> Matching:
        """Take one batch: (batch,D) caption features and (batch,D) motion features, row to row.

        Where several motions lie equally far from a caption, their order is a matter of chance, and so is the count.

        Raises:
            MateError: shapes that do not fit, or values that are not finite.
        """
        text, motion = checked_features(texts, "captions"), checked_features(motions, "motions")
        if text.shape != motion.shape:
            raise MateError(
                f"R-Precision: caption features {text.shape} and motion features {motion.shape}; expected the same shape, row "
                "i of one belonging to row i of the other."
            )
        if len(text) != self.batch and not self.keep_last:
            raise MateError(
                f"R-Precision: {len(text)} pairs in a batch of {self.batch}. The field ranks {self.batch} at a time and drops the "
                "rest; fewer would make it easier."
            )
        distances = _distances(text, motion)
        own = distances.diagonal()[:, None]
        nearer = (distances < own).sum(1)
        as_near = (distances == own).sum(1)
        ranks = np.arange(1, TOP + 1)
        self.hits = self.hits + np.clip((ranks - nearer[:, None]) / as_near[:, None], 0.0, 1.0).sum(0)
        self.distance += float(own.sum())
        self.pairs += len(text)
        return self

    def add_all(self, texts: ArrayLike, motions: ArrayLike, order: ArrayLike | None = None) -> Matching:
        """Take a whole split in batches, in the given order of its rows; the last, smaller one is dropped unless `keep_last`.

        Raises:
            MateError: fewer pairs than one batch.
        """
        text, motion = np.asarray(texts), np.asarray(motions)
        if len(text) < self.batch:
            raise MateError(
                f"R-Precision: {len(text)} pairs; the field ranks {self.batch} together, and fewer would make it easier. Evaluate a "
                "larger split."
            )
        rows = np.arange(len(text)) if order is None else np.asarray(order)
        whole = len(rows) if self.keep_last else len(rows) - len(rows) % self.batch
        for start in range(0, whole, self.batch):
            chosen = rows[start : start + self.batch]
            self.add(text[chosen], motion[chosen])
        return self

    @property
    def r_precision(self) -> Array:
        """(3,): share of captions, 0 to 1, whose own motion is among the nearest 1, 2, 3."""
        self._require_pairs()
        return self.hits / self.pairs

    @property
    def mm_dist(self) -> float:
        """Mean distance of a caption to its own motion."""
        self._require_pairs()
        return self.distance / self.pairs

    def _require_pairs(self) -> None:
        if not self.pairs:
            raise MateError("R-Precision: no batch was counted.")


def _distances(text: Array, motion: Array) -> Array:
    # From differences, not from squares: equal features are at distance 0, and close ones keep their digits.
    return np.sqrt(((text[:, None] - motion[None]) ** 2).sum(2))
