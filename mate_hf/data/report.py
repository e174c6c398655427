"""What became of every motion and caption of a corpus when it was read: `report.json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Refusal:
    """A motion, text file or caption line that could not be used, and why."""

    split: str
    id: str
    reason: str


@dataclass
class SplitCounts:
    """Counts of one split.

    Attributes:
        listed: ids in the split list, each counted once.
        motions: ids with at least one row.
        clips: different motion slices (whole motions and sub-clips).
        rows: captions.
        frames: frames of the clips.
        excluded: captions or motions left out by rule (length limits, ids listed twice), by rule.
        adjusted: captions kept with a change, by change.
    """

    listed: int = 0
    motions: int = 0
    clips: int = 0
    rows: int = 0
    frames: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    adjusted: dict[str, int] = field(default_factory=dict)

    def exclude(self, rule: str, number: int = 1) -> None:
        self.excluded[rule] = self.excluded.get(rule, 0) + number

    def adjust(self, change: str) -> None:
        self.adjusted[change] = self.adjusted.get(change, 0) + 1


@dataclass
class Report:
    """How a corpus was read.

    Attributes:
        source: folder or Hub id.
        kind: name of the corpus kind.
        motions_from: `new_joint_vecs`, `new_joints` or `prepared`.
        statistics_from: `files` or `training split`.
        checked: of the saved motions that were found finite and of human bodies, whatever mark `datasets` gives their table.
        written_in: what the motions were converted from, where they were: `scale`, `up`, `fps`, `left_handed`.
        licence: under which the corpus may be passed on; of the synthetic one alone it is known.
        splits: counts by split.
        refused: what could not be used.
        warnings: sentences for the user.
    """

    source: str
    kind: str
    motions_from: str
    statistics_from: str = ""
    licence: str = ""
    splits: dict[str, SplitCounts] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    written_in: dict[str, Any] = field(default_factory=dict)
    checked: str = field(default="", compare=False)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Report:
        """What `to_json` gave, of this version or another; what a later one added is left out."""
        splits = {name: SplitCounts(**counts) for name, counts in content["splits"].items()}
        refused = [Refusal(**refusal) for refusal in content["refused"]]
        known = {
            name: value for name, value in content.items() if name in {part.name for part in fields(cls)}
        }
        return cls(**{**known, "splits": splits, "refused": refused})

    def summary(self) -> str:
        """A few lines for a person: kind, rows a split, what was left out and why."""
        lines = [
            f"{self.kind} from {self.source} ({self.motions_from}; Mean and Std from {self.statistics_from})"
        ]
        for name, counts in self.splits.items():
            ids = f"{counts.motions} of {counts.listed} ids"
            lines.append(f"{name}: {counts.rows} captions of {counts.clips} clips ({ids})")
            lines += [f"  left out: {number} {rule}" for rule, number in counts.excluded.items()]
            lines += [f"  changed: {number} {change}" for change, number in counts.adjusted.items()]
        if self.refused:
            first = self.refused[0]
            lines.append(f"refused: {len(self.refused)}, the first in {first.split}: {first.reason}")
        return "\n".join([*lines, *(f"warning: {warning}" for warning in self.warnings)])
