"""One lemma per word form: the readings a tagger gave a form all over a corpus vote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

PARTICIPLE_SHARE = 0.2
"""From this share of verb readings an "-ing" or "-ed" form joins its verb, even if a noun more often."""

_PARTICIPLE = re.compile(r".+(ing|ed)")


def settle_lemmas(votes: Mapping[str, Counter[str]]) -> dict[str, str]:
    """The lemma of each surface form, given how often each form was read as each lemma.

    A tagger wavers between "walking" the verb and "walking" the noun; the paper lets all share "walk", and a
    model without a tagger can only look forms up. Ties go to the alphabetically first lemma.
    A hyphenated lemma joins its closed spelling where the corpus has that too ("side-step", "sidestep").
    """
    settled = {form: _settle(form, readings) for form, readings in votes.items()}
    lemmas = set(settled.values())
    for form, lemma in settled.items():
        closed = lemma.replace("-", "")
        if closed in lemmas:
            settled[form] = closed
    return settled


def _settle(form: str, readings: Counter[str]) -> str:
    ranked = sorted(readings, key=lambda lemma: (-readings[lemma], lemma))
    if ranked[0] == form and len(ranked) > 1 and _PARTICIPLE.fullmatch(form):
        verb = ranked[1]
        if readings[verb] >= PARTICIPLE_SHARE * readings.total():
            return verb
    return ranked[0]
