"""What `mate localize` says of its work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class LocalizationReport:
    """What the stage did.

    Attributes:
        captions, several: all captions, and those of more than one sub-text.
        merged: captions whose motion has fewer units than they have sub-texts; neighbours were merged.
        mean_cost: of Eq. 1, a sub-text. median_margin: of captions that can be cut in more than one way.
        seconds: spent on encoding and cutting by this run, all processes together; `parts_found` were there already.
    """

    unit_seconds: float
    captions: int = 0
    several: int = 0
    merged: int = 0
    mean_cost: float = 0.0
    median_margin: float | None = None
    seconds: float = 0.0
    parts_found: int = 0
    decomposition: dict[str, Any] = field(default_factory=dict)

    def summary(self) -> str:
        """In a few lines."""
        margin = "none" if self.median_margin is None else f"{self.median_margin:.4f}"
        return (
            f"{self.captions} captions, {self.several} of several sub-texts, {self.merged} with sub-texts merged to fit "
            f"their motion\nmean cost {self.mean_cost:.3f} a sub-text, median margin to the runner-up {margin}"
        )
