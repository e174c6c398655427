"""Probes on people: Bandai Namco's captures, named by what was asked of the actors."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mate_hf.evaluation.obedience import PROBES, measure

CONTENTS = {
    "walk": ("forward", 1),
    "run": ("forward", 1),
    "walk-back": ("forward", -1),
    "walk-left": ("sideways", 1),
    "walk-right": ("sideways", -1),
    "walk-turn-left": ("turn", 1),
    "walk-turn-right": ("turn", -1),
    "raise-up-left-hand": ("arm", 1),
    "raise-up-right-hand": ("arm", -1),
    "wave-left-hand": ("arm", 1),
    "wave-right-hand": ("arm", -1),
}


@pytest.mark.real
def test_actors_do_as_they_were_asked(shared_data: Path) -> None:
    folder, obeyed, asked = shared_data / "bandai", Counter[str](), Counter[str]()
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["content"] in CONTENTS:
                probe, expected = CONTENTS[row["content"]]
                value = measure(probe, np.load(folder / "new_joints" / f"{row['id']}.npy"), 20.0)
                asked[row["content"]] += 1
                obeyed[row["content"]] += PROBES[probe].obeyed(expected, value)
    assert asked.keys() == CONTENTS.keys()
    assert all(obeyed[content] >= 0.99 * asked[content] for content in CONTENTS)
