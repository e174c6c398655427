"""Slips for "then" are mended only where an action follows; "the" and "them" stay elsewhere."""

from __future__ import annotations

import pytest

from mate_hf.text.decomposition.slips import mended


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("he bows them walks off", "he bows then walks off"),
        ("he hops an then stops", "he hops and then stops"),
        ("he moves ahead the slowly turns around", "he moves ahead then slowly turns around"),
        ("she rests than they jump", "she rests then they jump"),
        ("he ducks an turns", "he ducks and turns"),
    ],
)
def test_slips_are_mended(written: str, meant: str) -> None:
    assert mended(written.split()) == meant.split()


@pytest.mark.parametrize(
    "caption",
    [
        "he kicks them turns",
        "he climbs up the steps",
        "he performs the jumps",
        "the kicks are high",
        "with the turns he speeds up",
        "he is taller than her",
        "an arm",
        "the",
    ],
)
def test_real_words_stay(caption: str) -> None:
    assert mended(caption.split())[:3] == caption.split()[:3]
