"""The stretches of a caption that are one action each, in the order in which they happen."""

from __future__ import annotations

from mate_hf.text.decomposition.agreement import is_parallel, is_parallel_after_then
from mate_hf.text.decomposition.leads import Lead
from mate_hf.text.decomposition.reading import Reading, Stretch
from mate_hf.text.decomposition.seams import Seam, find_seams
from mate_hf.text.decomposition.simultaneous import is_state, says_same_time, stays_together
from mate_hf.text.decomposition.word_sets import NEGATIONS, SUBORDINATORS

_WEAK = ("and", "comma", "but")


def find_segments(reading: Reading) -> list[tuple[int, int]]:
    """(start, end) token positions of each action, in order of occurrence."""
    seams = find_seams(reading)
    segments: list[tuple[int, int]] = []
    earlier: list[int] = []
    start = seams.pop(0).end if seams and seams[0].start == 0 else 0
    for number, seam in enumerate(seams):
        if seam.start < start or seam.end >= len(reading.tokens):
            continue
        left = reading.stretch(start, seam.start)
        right = reading.stretch(seam.end, _reach(reading, seam, seams[number + 1 :]))
        if left.mains and _parts(left, right, seam):
            segments.append((start, seam.start))
            start = seam.end
            if seam.kind == "after":
                earlier.append(len(segments))
    segments.append((start, len(reading.tokens)))
    for place in earlier:
        segments[place - 1], segments[place] = segments[place], segments[place - 1]
    return segments


def _reach(reading: Reading, seam: Seam, following: list[Seam]) -> int:
    """The end of what follows a seam: the next seam that an action leads."""
    for next_seam in following:
        if next_seam.start <= seam.end:
            continue
        if next_seam.kind == "bare":
            reached = _parts_bare(reading.stretch(seam.end, next_seam.start))
        else:
            reached = next_seam.kind not in _WEAK or reading.stretch(next_seam.end).lead is not None
        if reached:
            return next_seam.start
    return len(reading.tokens)


def _parts(left: Stretch, right: Stretch, seam: Seam) -> bool:
    """Whether the actions on both sides of a seam follow each other."""
    lead = right.lead
    if lead is None:
        return seam.kind in ("stop", "then") and _acts_later(right)
    if seam.kind in ("clause", "after"):
        return True
    if seam.kind == "bare":
        return _parts_bare(left)
    if seam.kind == "then" or "then" in right.reading.forms(right.start, lead.position):
        after_before = "before" in right.reading.forms(seam.start, seam.end)
        return is_parallel_after_then(left, lead, after_before)
    if seam.kind == "stop":
        return _parts_sentences(left, right, lead)
    if lead.subject in ("body", "other") or (seam.kind == "comma" and _describes(left, lead)):
        return False
    return is_parallel(left, lead, seam.kind) and not stays_together(left, right, lead, seam.kind)


def _parts_bare(left: Stretch) -> bool:
    """Whether a verb right after `left` can be a new action: a main verb stands last before it."""
    if "s" not in left.main_forms or "who" in left.forms or left.nested_after_main():
        return False
    return not SUBORDINATORS.intersection(left.reading.forms(left.mains[-1].position + 1, left.end))


def _acts_later(right: Stretch) -> bool:
    """Whether what opens with neither subject nor verb acts: "as he reaches the end, he turns"."""
    if right.forms[:1] in (["as"], ["when"], ["once"]) and not {"does", "doing"} & set(right.forms[:5]):
        verbs = right.reading.verbs[right.start : right.end]
        return any(verb is not None and verb.form in ("s", "base") for verb in verbs)
    return any(
        verb.form == "s" or (verb.form == "base" and right.reading.form(place - 1) in ("they", "people"))
        for place, verb in right.mains
    )


def _parts_sentences(left: Stretch, right: Stretch, lead: Lead) -> bool:
    if lead.subject in ("body", "other") or is_state(right, lead) or says_same_time(right.forms[:6]):
        return False
    opening = right.forms[:4]
    if (opening[0] in ("while", "as") and "does" in opening) or NEGATIONS.intersection(opening):
        return False
    return lead.verb.form != "ing" or "ing" in left.main_forms


def _describes(left: Stretch, lead: Lead) -> bool:
    """ "beginning with the left leg, a man walks"."""
    opens = left.mains[0].position <= left.start + 1
    return bool(lead.subject) and opens and left.main_forms == {"ing"}
