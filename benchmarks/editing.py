"""How well an edit keeps what was given of a clip, and how smoothly it goes over into what was made.

python -m benchmarks.editing GENERATOR_RUN --data CORPUS [--clips 40] [--which last] [--out editing.json]

Clips of a split of at least six seconds are edited by the caption of another clip. *Kept* is the largest distance of a given joint to where it
was given; a *seam* is judged by the largest mean jerk of the joints within four frames of it, beside the 95th percentile of the
same number at every place of the clips themselves.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.timing import record, show
from mate_hf.data.corpus import first_rows_of_clips, open_corpus
from mate_hf.data.motion_features import recover
from mate_hf.generation import MotionPipeline
from mate_hf.generation.editing import Kept
from mate_hf.generation.seams import EditReport, jerk_around

SHORTEST = 120
"""Frames: as much to be made anew as is given."""

EDITS = {
    "in between": ("0:40,80:", None),
    "prefix": ("0:40", None),
    "suffix": ("80:", None),
    "legs": (None, "legs"),
    "upper body": (None, "upper"),
    "upper body and prefix": ("0:40", "upper"),
}
"""Name -> frames and joints that are given."""


def main(
    model: Annotated[str, typer.Argument(help="Run of `mate train-generator`.")],
    data: Annotated[str, typer.Option(help="Corpus that it was trained on.")],
    split: Annotated[str, typer.Option(help="Of the corpus.")] = "test",
    clips: Annotated[int, typer.Option(help="At most so many.")] = 40,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print, of each kind of edit, centimetres and jerk."""
    pipe = MotionPipeline.from_pretrained(model, which)
    chosen = open_corpus(data).split(split, data)
    rows = [row for row in first_rows_of_clips(chosen) if chosen.motions[row].shape[0] >= SHORTEST][:clips]
    motions = [np.asarray(chosen.motions[row])[: pipe.model.config.longest] for row in rows]
    captions = [str(chosen.captions[row]["caption"]) for row in rows]
    kind = pipe.kind
    usual = float(
        np.percentile(np.concatenate([jerk_around(recover(motion, kind), kind) for motion in motions]), 95)
    )
    found = {
        name: [
            pipe.edit(captions[place - 1], motion, Kept.of(*given), seed=place).edits[0]
            for place, motion in enumerate(motions)
        ]
        for name, given in EDITS.items()
    }
    table = [[name, *_row(reports, usual)] for name, reports in found.items()]
    show(
        f"{len(rows)} clips of {split}; 95 % of their own places have a jerk below {usual:.0f} m/s^3",
        [
            "given",
            "kept within cm (most)",
            "seam jerk (median)",
            "seam jerk (95 %)",
            "seams below the clips' 95 %",
        ],
        table,
    )
    edits = {
        name: [[report.kept_error, report.seam_jerk] for report in reports] for name, reports in found.items()
    }
    record(out, {"model": model, "data": data, "jerk_95": usual, "edits": edits}, sys.argv)


def _row(reports: list[EditReport], usual: float) -> list[object]:
    kept = max(report.kept_error for report in reports)
    jerks = [report.seam_jerk for report in reports if report.seam_jerk is not None]
    if not jerks:
        return [kept, "-", "-", "-"]
    below = sum(jerk <= usual for jerk in jerks)
    return [kept, float(np.median(jerks)), float(np.percentile(jerks, 95)), f"{below} of {len(jerks)}"]


if __name__ == "__main__":
    typer.run(main)
