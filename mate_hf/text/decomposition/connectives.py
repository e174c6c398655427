"""Runs of connectives: ", and then", "followed by", ". After that"."""

from __future__ import annotations

from mate_hf.text.decomposition.reading import Reading
from mate_hf.text.decomposition.word_sets import (
    BE,
    BODY_PARTS,
    DETERMINERS,
    PEOPLE,
    PREPOSITIONS,
    SEQUENCE_WORDS,
    WEAK_CONNECTIVES,
    word_set,
)

STOPS = word_set(". ; ! ? :")
"""Marks that end a sentence."""
JOINS = STOPS | WEAK_CONNECTIVES | SEQUENCE_WORDS
"""Words and marks that can stand between two actions."""

_MODALS = word_set("can could would will might may should")
_ONLY_AFTER_ANOTHER = word_set("lastly eventually later")
_LONGEST_CLAUSE_OPENING = 8


def connectives_at(reading: Reading, start: int) -> tuple[int, list[str]]:
    """The run of connectives that begins at `start`: where it ends, and its words (none where no run begins)."""
    words: list[str] = []
    position = start
    while position < len(reading.tokens):
        word, length = _connective(reading, position, bool(words))
        if not length:
            break
        words.append(word)
        position += length
        if word in ("before", "after"):
            break
    return position, words


def _connective(reading: Reading, position: int, in_run: bool) -> tuple[str, int]:
    """The connective at `position` and how many tokens it has, 0 where there is none."""
    form, after = reading.form(position), reading.form(position + 1)
    if form in ("before", "after"):
        return _temporal(reading, position, in_run)
    if form == "followed":
        return form, 2 if after == "by" else 0
    if form == "next":
        opens = (in_run or position == 0) and after not in ("to", "one")
    elif form == "then":
        opens = in_run or not _is_adverb(reading, position)
    else:
        opens = form in JOINS and (in_run or form not in _ONLY_AFTER_ANOTHER)
    return form, int(opens)


def _temporal(reading: Reading, position: int, in_run: bool) -> tuple[str, int]:
    """ "before" and "after" where an action follows them: "before sitting", "after he jumps"; "after that"."""
    form, following = reading.form(position), reading.verb(position + 1)
    if form == "after" and reading.form(position + 1) in ("that", "this", "which"):
        return "then", 2
    if form == "after" and in_run and following is not None and following.form in ("s", "past", "base"):
        return "then", 1
    return form, int(_opens_clause(reading, position + 1, form))


def _opens_clause(reading: Reading, start: int, form: str) -> bool:
    end = min(len(reading.tokens), start + _LONGEST_CLAUSE_OPENING)
    lead = reading.stretch(start, end).lead
    if lead is None or _MODALS.intersection(reading.forms(start, lead.position)):
        return False
    if lead.subject:
        return lead.subject != "other" and lead.verb.form != "ing"
    if form == "before" and not lead.after_phrase:
        return lead.verb.form in ("ing", "s", "base")
    return lead.verb.form == "ing"


def _is_adverb(reading: Reading, position: int) -> bool:
    """Whether this "then" parts nothing: "he then walks", or a slip for "the" in "to then end of the room"."""
    before = reading.form(position - 1)
    if before in PREPOSITIONS | BE or before in ("to", "he", "she", "they", "who"):
        return True
    if before not in PEOPLE | BODY_PARTS:
        return False
    start = position - 1
    while start and (reading.form(start - 1) in DETERMINERS or reading.tokens[start - 1].tag == "JJ"):
        start -= 1
    return not start or reading.form(start - 1) in JOINS
