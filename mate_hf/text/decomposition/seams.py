"""Where a caption may part into actions: at connectives, at full stops, or where a verb follows without one."""

from __future__ import annotations

from dataclasses import dataclass

from mate_hf.text.decomposition.connectives import JOINS, STOPS, connectives_at
from mate_hf.text.decomposition.leads import Lead
from mate_hf.text.decomposition.reading import Reading
from mate_hf.text.decomposition.word_sets import (
    DETERMINERS,
    NUMBERS,
    PARTICLES,
    PEOPLE,
    PREPOSITIONS,
    SEQUENCE_WORDS,
    SUBORDINATORS,
    word_set,
)

_PAIRED = word_set("hands arms legs feet knees")
_SUBJECTS = word_set("he she")
_FOLLOWED_BY_NO_BARE_VERB = PEOPLE | word_set("and then , to who that")
_WEAK_KINDS = {"and": "and", "&": "and", "but": "but", "yet": "but"}
_SUBJECT_REACH = 6


@dataclass(frozen=True)
class Seam:
    """A place between two actions: the tokens from `start` to `end` belong to neither.

    `kind`: "then" (also "before", "finally"), "stop" (a new sentence), "and", "comma", "but", "after" (what
    follows happened earlier), "clause" (the end of an opening "after ..."), "bare" (nothing stands between).
    """

    start: int
    end: int
    kind: str


def find_seams(reading: Reading) -> list[Seam]:
    """Every place where the caption could part, in order; most are no seams in the end."""
    seams: dict[int, Seam] = {}
    position = 0
    while position < len(reading.tokens):
        end, words = connectives_at(reading, position)
        if not words:
            if _follows_bare(reading, position):
                seams.setdefault(position, Seam(position, position, "bare"))
            position += 1
            continue
        opening = _end_of_opening(reading, end) if words[-1] in ("after", "before") else None
        kind = _kind(words, position, opening is not None)
        seams.setdefault(position, Seam(position, end, kind))
        if opening is not None and kind != "after":
            if words[-1] == "after":
                seams[opening.start] = opening
            elif position == 0:
                # "Before sitting, he walks": what comes second happens first.
                seams[opening.start] = Seam(opening.start, opening.end, "after")
        position = end
    return [seams[start] for start in sorted(seams)]


def _kind(words: list[str], start: int, has_opening: bool) -> str:
    if "after" in words:
        opens = start == 0 or (has_opening and len(words) > 1)
        return "then" if opens else "after"
    if "before" in words or SEQUENCE_WORDS.intersection(words):
        return "then"
    if STOPS.intersection(words):
        return "stop"
    return next((_WEAK_KINDS[word] for word in words if word in _WEAK_KINDS), "comma")


def _end_of_opening(reading: Reading, start: int) -> Seam | None:
    """Where an opening "after ..." gives way to the main clause: at a comma, or at the next subject or verb."""
    stops = (place for place in range(start, len(reading.tokens)) if reading.form(place) in STOPS)
    sentence = reading.stretch(start, next(stops, len(reading.tokens)))
    if sentence.lead is None:
        return None
    for position in range(sentence.lead.position + 1, sentence.end):
        verb = reading.verb(position)
        if reading.form(position) == ",":
            end = connectives_at(reading, position)[0]
            if _is_finite(reading.stretch(end, sentence.end).lead):
                return Seam(position, end, "clause")
        elif _names_person(reading, position):
            lead = reading.stretch(position, min(sentence.end, position + _SUBJECT_REACH)).lead
            if lead is not None and lead.subject and _is_finite(lead):
                return Seam(position, position, "clause")
        elif verb is not None and verb.form == "s" and not sentence.lead.subject:
            return Seam(position, position, "clause")
    return None


def _is_finite(lead: Lead | None) -> bool:
    return lead is not None and lead.verb.form in ("s", "past", "base")


def _names_person(reading: Reading, position: int) -> bool:
    form, after = reading.form(position), reading.form(position + 1)
    return form in PEOPLE or (form in ("the", "a") and after in PEOPLE)


def _follows_bare(reading: Reading, position: int) -> bool:
    """Whether a verb in the third person follows what came before without a connective: "turns walks"."""
    if reading.form(position) in _SUBJECTS:
        return _opens_bare_clause(reading, position)
    verb = reading.verb(position)
    if verb is None or verb.form != "s" or verb.lemma in ("be", "have") or position < 3:
        return False
    place = position - 1
    if reading.verb(place) is not None:
        return False
    if reading.form(place).endswith("ly") and reading.tokens[place].tag == "RB":
        place -= 1
    before = reading.tokens[place]
    if before.form in _FOLLOWED_BY_NO_BARE_VERB:
        return False
    if before.form in PARTICLES:
        return not _is_counted(reading, position, before.form, verb.lemma)
    if not before.tag.startswith("NN") or _names_subject(reading, position):
        return False
    return reading.tokens[position].tag == "VBZ" or before.tag == "NNS" or before.form in _PAIRED


def _opens_bare_clause(reading: Reading, position: int) -> bool:
    """Whether a clause of its own begins at this pronoun: "lifts his arm he waves", not "as he waves"."""
    verb = reading.verb(position + 1)
    if verb is None or verb.form != "s" or verb.lemma in ("be", "have", "do") or position < 3:
        return False
    before = reading.tokens[position - 1]
    return before.form in PARTICLES - {"to"} or before.tag in ("NN", "NNS")


def _is_counted(reading: Reading, position: int, particle: str, lemma: str) -> bool:
    """ "two backwards steps", "in downward positions", "up steps": nouns after all."""
    if reading.form(position - 2) in PREPOSITIONS | NUMBERS:
        return True
    near = reading.forms(position - 3, position - 1)
    return lemma == "step" and (particle in ("up", "down") or bool(NUMBERS.intersection(near)))


def _names_subject(reading: Reading, end: int) -> bool:
    """Whether the noun phrase before `end` opens a clause: "and the left arm", not "lifts the left arm"."""
    start = end
    while start and (
        reading.form(start - 1) in DETERMINERS
        or reading.form(start - 1) in ("left", "right")
        or reading.tokens[start - 1].tag in ("JJ", "NN", "NNS", "CD")
    ):
        start -= 1
    return not start or reading.form(start - 1) in JOINS | SUBORDINATORS
