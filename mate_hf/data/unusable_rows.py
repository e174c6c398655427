"""Rows of tables that others made, from the Hub or from disk: what cannot be used is left out by name, as of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray

from mate_hf.data.columns import Column, MotionColumn
from mate_hf.data.kinds import CROP_UNIT, MotionKind
from mate_hf.data.plausibility import Oddities, judged
from mate_hf.data.plausible_folder import SAMPLE, require_plausible
from mate_hf.data.report import Refusal
from mate_hf.data.split import MOTION_ROW, Split
from mate_hf.text.caption_lines import LONGEST_CAPTION
from mate_hf.utils.workers import shares

AT_A_TIME = 64

GIVE = (
    "Write its motions as new_joint_vecs/<id>.npy with texts/ and split lists, and prepare that folder with"
)


@dataclass
class Usable:
    """What is left of some splits, and what was wrong with the rest."""

    splits: dict[str, Split] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def usable_rows(splits: dict[str, Split], kind: MotionKind, source: str) -> Usable:
    """Read every motion, and leave out rows whose motion is no motion, or whose caption is none.

    Raises:
        MateError: most motions are no human's, see `require_plausible`.
    """
    found, oddities = Usable(), Oddities()
    known: dict[int, str] | None = None
    for name, split in splits.items():
        holder = split.captions if split.table is None else split.table
        # A table of motions is one for all splits.
        if known is None or split.table is None:
            found.warnings += require_plausible(_sample(holder), kind, source, give=GIVE)
            known = dict(_unusable(holder, kind, oddities))
        rows = np.arange(len(split)) if split.table is None else Column(split.captions, MOTION_ROW).to_numpy()
        reasons = {row: known[place] for row, place in enumerate(rows.tolist()) if place in known}
        reasons = {**_wrong_captions(split), **reasons}
        for row, reason in sorted(reasons.items()):
            found.refused.append(Refusal(name, str(split["id"][row]), f"{source}, row {row}: {reason}"))
        kept = np.ones(len(split), bool)
        kept[list(reasons)] = False
        found.splits[name] = split if kept.all() else split.select(np.flatnonzero(kept))
    found.warnings += oddities.sentences()
    return found


def _wrong_captions(split: Split) -> dict[int, str]:
    """Rows without a caption or an id, with a whole book in its place, or that promise other frames than they hold, and why."""
    reasons = {}
    lengths = Column(split.captions, "caption").text_lengths()
    for row in np.flatnonzero(lengths > LONGEST_CAPTION):
        reasons[int(row)] = f"a caption of {lengths[row]} characters; expected at most {LONGEST_CAPTION}."
    for column in ("caption", "id"):
        nulls = np.flatnonzero(Column(split.captions, column).nulls())
        reasons.update(dict.fromkeys(nulls.tolist(), f"its {column} is null."))
    if split.table is None:
        held, said = MotionColumn(split.captions).lengths(), Column(split.captions, "length").to_numpy()
        for row in np.flatnonzero(held != said):
            reasons[int(row)] = f"its length is {said[row]}, its motion has {held[row]} frames."
    return reasons


def _sample(table: Dataset) -> list[NDArray[np.float32]]:
    motions = MotionColumn(table)
    lengths = motions.lengths()
    rows = np.arange(0, len(lengths), -(-len(lengths) // SAMPLE) or 1)
    taken = (motions[int(row)] for row in rows if lengths[row] >= CROP_UNIT)
    return [motion for motion in taken if np.isfinite(motion).all()]


def _unusable(table: Dataset, kind: MotionKind, oddities: Oddities) -> Iterator[tuple[int, str]]:
    """The rows of motions that cannot be used, and why."""
    motions, names = MotionColumn(table), Column(table, "id")
    lengths = motions.lengths()
    for rows in shares(range(len(table)), AT_A_TIME):
        whole = []
        for row in rows:
            if lengths[row] < CROP_UNIT:
                yield row, f"{lengths[row]} frames; a motion needs at least {CROP_UNIT}."
            elif not (finite := np.isfinite(motions[row]).all(1)).all():
                yield (
                    row,
                    f"NaN or infinite numbers in {int((~finite).sum())} frames, first in frame {int(np.argmin(finite))}.",
                )
            else:
                whole.append(row)
        for row, verdict in zip(whole, judged([motions[row] for row in whole], kind), strict=True):
            if verdict.refusal:
                yield row, verdict.refusal
            else:
                oddities.note(str(names[row]), verdict.odd)
