"""Spellings of the lexicon's verbs: "walks", "walking", "walked", also with one letter wrong."""

from __future__ import annotations

import re
from functools import cache
from string import ascii_lowercase

from mate_hf.text.decomposition.lexicon import IRREGULAR_VERBS, REGULAR_VERBS

_DOUBLING = re.compile(r"(?:qu|[^aeiou])[aeiou][bdglmnprt]$")
_DOUBLES = ("step", "begin", "transfer")
_DOUBLES_NOT = frozenset(["unbutton", "button"])
_OTHER_WORDS = frozenset(
    [
        "strides",
        "strings",
        "railing",
        "railings",
        "emotions",
        "heading",
        "drivers",
        "shakers",
        "excited",
        "related",
        "crotches",
        "crooked",
        "missing",
        "wounded",
        "rounded",
        "morning",
        "evening",
        "ceiling",
        "centers",
    ]
)
"""Words that are one letter from a verb and no slip for it."""
_SHORTEST_SLIP = 7


def _verb_forms() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {}
    for lemma in dict.fromkeys([*REGULAR_VERBS.split(), *IRREGULAR_VERBS]):
        spellings = [("base", lemma), ("s", _third_person(lemma)), ("ing", f"{_stem(lemma, 'ing')}ing")]
        pasts = IRREGULAR_VERBS.get(lemma, (f"{_stem(lemma, 'ed')}ed",))
        for form, spelling in [*spellings, *(("past", past) for past in pasts)]:
            table.setdefault(spelling, {}).setdefault(form, lemma)
    for lemma in REGULAR_VERBS.split():
        # "stoping", "grabed": a slip unless it is a verb's right spelling
        if _stem(lemma, "ed") == lemma + lemma[-1]:
            for form, ending in [("ing", "ing"), ("past", "ed")]:
                table.setdefault(lemma + ending, {form: lemma})
    return table


def _third_person(lemma: str) -> str:
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return f"{lemma[:-1]}ies"
    return f"{lemma}es" if lemma.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{lemma}s"


def _stem(lemma: str, ending: str) -> str:
    if ending == "ed" and lemma.endswith("y") and lemma[-2] not in "aeiou":
        return f"{lemma[:-1]}i"
    if ending == "ing" and lemma.endswith("ie"):
        return f"{lemma[:-2]}y"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe")):
        return lemma[:-1]
    syllables = len(re.findall(r"[aeiouy]+", lemma))
    doubles = _DOUBLING.search(lemma) and (syllables == 1 or lemma.endswith(_DOUBLES))
    return lemma + lemma[-1] if doubles and lemma not in _DOUBLES_NOT else lemma


VERB_FORMS = _verb_forms()
"""Each spelling's verbs by form: "walks" -> {"s": "walk"}, "put" -> {"base": "put", "past": "put"}.

Forms are "base", "s" (walks), "ing" (walking) and "past" (walked, bent).
"""


@cache
def forms_of(spelling: str) -> dict[str, str]:
    """What `VERB_FORMS` says of a spelling, or of the verb one letter away ("streches") where it is long enough."""
    if spelling in VERB_FORMS:
        return VERB_FORMS[spelling]
    ending = next((ending for ending in ("s", "ing", "ed") if spelling.endswith(ending)), None)
    if ending is None or len(spelling) < _SHORTEST_SLIP or spelling in _OTHER_WORDS:
        return {}
    meant = sorted(
        word for word in _one_letter_away(spelling) if word in VERB_FORMS and word.endswith(ending)
    )
    return VERB_FORMS[meant[0]] if meant else {}


def _one_letter_away(spelling: str) -> set[str]:
    cuts = [(spelling[:place], spelling[place:]) for place in range(len(spelling) + 1)]
    shorter = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + letter + right[1:] for left, right in cuts if right for letter in ascii_lowercase}
    longer = {left + letter + right for left, right in cuts for letter in ascii_lowercase}
    return shorter | swapped | changed | longer
