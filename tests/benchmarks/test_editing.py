"""What is said of edits: the worst that was kept, and how many seams are as smooth as real motion."""

from __future__ import annotations

import pytest

from benchmarks.editing import EDITS, _row
from mate_hf.data.kinds import HUMANML3D
from mate_hf.generation.editing import Kept
from mate_hf.generation.seams import EditReport


def test_a_row_holds_the_worst_and_counts_seams_under_the_clips_own() -> None:
    reports = [EditReport(0.1, 40.0, 90.0), EditReport(0.4, 60.0, 90.0), EditReport(0.2, 120.0, 90.0)]
    assert _row(reports, 100.0) == [0.4, 60.0, pytest.approx(114.0), "2 of 3"]
    assert _row([EditReport(0.3, None, 90.0)], 100.0) == [0.3, "-", "-", "-"]


def test_every_edit_names_what_a_body_has() -> None:
    for frames, joints in EDITS.values():
        assert Kept.of(frames, joints).channels(HUMANML3D).shape == (263,)
