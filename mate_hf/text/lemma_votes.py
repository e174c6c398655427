"""One lemma per word form: the readings a tagger gave a form all over a corpus vote."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from mate_hf.modeling.word_spans import find_words, surface_form

PARTICIPLE_SHARE = 0.2
"""From this share of verb readings an "-ing" or "-ed" form joins its verb, even if a noun more often."""

Votes = dict[str, Counter[str]]
"""Of each surface form, how often it was read as each lemma."""


class ReadsLemmas(Protocol):
    """The lemmas of captions in order, one for each word of `find_words`."""

    def lemmas(self, captions: Iterable[str]) -> Iterator[list[str]]: ...


_PARTICIPLE = re.compile(r".+(ing|ed)")


def count_votes(repeats: Mapping[str, int], lemmatizer: ReadsLemmas) -> Votes:
    """How the words of captions are read.

    Args:
        repeats: of each caption, how often it is there, and so counts.
    """
    votes: Votes = defaultdict(Counter)
    for (caption, times), lemmas in zip(repeats.items(), lemmatizer.lemmas(repeats), strict=True):
        for (text, _, _), lemma in zip(find_words(caption), lemmas, strict=True):
            votes[surface_form(text)][lemma] += times
    return votes


def all_votes(counted: Iterable[Mapping[str, Mapping[str, int]]]) -> Votes:
    """The votes of several parts of a corpus together: those of the whole."""
    votes: Votes = defaultdict(Counter)
    for part in counted:
        for form, readings in part.items():
            votes[form].update(readings)
    return votes


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
