"""Colours that colour-blind readers tell apart (Okabe and Ito), and what they stand for in every picture."""

from __future__ import annotations

from collections.abc import Sequence

OKABE_ITO = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")

HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo")
"""Bars of one colour in print differ by these."""

STYLES = ("-", "--", "-.", ":")

QUIET = "#8a8a8a"
"""Of what stands beside: stock, chance, marks."""

CLASS_LOOKS: dict[str, tuple[str, str]] = {
    "motion": ("#0072b2", "o"),
    "direction": ("#d55e00", "^"),
    "speed": ("#009e73", "s"),
    "count": ("#cc79a7", "D"),
    "other": ("#e69f00", "v"),
    "function": (QUIET, "X"),
    "marks": ("#c4c4c4", "P"),
}
"""Colour and marker of words by their class (`mate_hf.text.word_classes`); a marker says it in black and white, too."""


def looks_of(word_class: str) -> tuple[str, str]:
    """Colour and marker of a class; of one that has none, those of `other`."""
    return CLASS_LOOKS.get(word_class, CLASS_LOOKS["other"])


def of_arm(place: int) -> tuple[str, str]:
    """Colour and hatch of what stands side by side, by its place; they repeat where there are more."""
    return OKABE_ITO[place % len(OKABE_ITO)], HATCHES[place % len(HATCHES)]


def in_order(classes: Sequence[str]) -> list[str]:
    """Classes that occur, in the order of legends and bars."""
    known = [name for name in CLASS_LOOKS if name in classes]
    return known + sorted(set(classes) - set(known))
