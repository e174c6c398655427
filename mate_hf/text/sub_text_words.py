"""Which sub-text a word of the caption stands in."""

from __future__ import annotations

from collections.abc import Sequence

from mate_hf.modeling.word_spans import find_words, surface_form


def sub_text_of_words(caption: str, sub_texts: Sequence[str]) -> list[int | None]:
    """The place in `sub_texts` of each word of `find_words(caption)`; None for words in none, such as "then".

    A sub-text uses each word of the caption once, but may come in another order than in the caption. A word that
    occurs twice is found where the whole sub-text lies closest together.
    """
    forms = _forms(caption)
    owner: list[int | None] = [None] * len(forms)
    # The longest first: it has the fewest places where it can lie.
    wanted = [_forms(text) for text in sub_texts]
    for number in sorted(range(len(sub_texts)), key=lambda n: -len(wanted[n])):
        for word in _closest(forms, owner, wanted[number]):
            owner[word] = number
    return owner


def _forms(text: str) -> list[str]:
    return [surface_form(word) for word, _, _ in find_words(text)]


def _closest(forms: list[str], owner: list[int | None], wanted: list[str]) -> list[int]:
    """Positions of the wanted words: in order and as close together as can be, else wherever each is free first."""
    free = [word for word, number in enumerate(owner) if number is None]
    runs = [_in_order(forms, free[start:], wanted) for start in range(len(free))]
    whole = [run for run in runs if len(run) == len(wanted)]
    if wanted and whole:
        return min(whole, key=lambda run: run[-1] - run[0])
    found: list[int] = []
    for form in wanted:
        found += [word for word in free if forms[word] == form and word not in found][:1]
    return found


def _in_order(forms: list[str], free: list[int], wanted: list[str]) -> list[int]:
    run: list[int] = []
    for word in free:
        if len(run) < len(wanted) and forms[word] == wanted[len(run)]:
            run.append(word)
        elif not run:
            return run
    return run
