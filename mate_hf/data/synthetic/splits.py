"""Which motion goes to which split, and which test motions show a held-out combination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mate_hf.data.synthetic.actions import HELD_OUT, Combination
from mate_hf.data.synthetic.casting import draw_held_out, draw_pair
from mate_hf.data.synthetic.scenario import Scenario

TEST_SHARE, VAL_SHARE = 0.15, 0.05

SPLIT_STREAM, PAIR_STREAM, HELD_OUT_STREAM, MOTION_STREAM = range(4)
"""Random numbers come from (seed, stream, number), so that no motion depends on which process draws it."""


@dataclass(frozen=True)
class Part:
    """The place of a motion in the corpus: its split, and the held-out combination it has to show."""

    index: int
    split: str
    combination: Combination | None = None


def assign(motions: int, seed: int) -> list[Part]:
    """Split the corpus 80 : 5 : 15 by pairs; every other test pair shows held-out combinations, in turn."""
    pairs = (motions + 1) // 2
    order = np.random.default_rng([seed, SPLIT_STREAM]).permutation(pairs).tolist()
    tests, vals = max(round(TEST_SHARE * pairs), 1), max(round(VAL_SHARE * pairs), 1)
    rank = {pair: place for place, pair in enumerate(order)}
    parts = []
    for index in range(motions):
        place = rank[index // 2]
        split = "test" if place < tests else "val" if place < tests + vals else "train"
        held_out = (
            HELD_OUT[(place + index % 2) % len(HELD_OUT)] if split == "test" and place % 2 == 0 else None
        )
        parts.append(Part(index, split, held_out))
    return parts


def scenario_of(part: Part, seed: int) -> Scenario:
    """What happens in a motion."""
    if part.combination is not None:
        return draw_held_out(part.combination, np.random.default_rng([seed, HELD_OUT_STREAM, part.index]))
    pair = draw_pair(np.random.default_rng([seed, PAIR_STREAM, part.index // 2]))
    return pair[part.index % 2]
