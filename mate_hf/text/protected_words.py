"""Words whose motion meaning a general lemmatiser loses: directions, rotation, "left" and "leaves"."""

from __future__ import annotations

import re

_WARDS = re.compile(r"(after|back|down|for|fore|front|in|left|on|out|right|side|to|up)wards?")
_ROTATION = re.compile(r"(?:(?:counter|anti)[\s-]*)*clock[\s-]*wise")
_FIXED = {"left": "left", "lefts": "left", "right": "right", "rights": "right", "bent": "bend"}
_FIXED |= {word: word for word in ("sideways", "upstairs", "downstairs")}

_SUBJECTS = frozenset(["he", "she", "it", "they", "who", "that", "someone", "somebody", "person", "man"])
_SUBJECTS |= {"woman", "boy", "girl", "guy", "human", "figure", "character", "people", "men", "women"}
_HAVE = frozenset(["has", "have", "had", "having", "'ve"])
_BE = frozenset(["is", "are", "was", "were", "been", "being", "gets", "got"])
_LEFT_BEHIND = frozenset(["the", "a", "an", "his", "her", "their", "its", "this", "that", "it", "them"])
_LEFT_BEHIND |= {"him", "something", "someone"}
_PAUSES = frozenset(["", "and", "then", "or", "but", "finally"])


def protected_lemma(form: str) -> str | None:
    """The lemma of a direction word whatever a tagger thinks of it; None for any other word.

    "backwards" and "backward" are one word in two spellings and share a lemma, as "counter-clockwise",
    "counter clockwise" and "counterclockwise" do. "anticlockwise" is another word for the same sense and
    keeps its own: lemmas join inflections and spellings, never synonyms.
    """
    if form in _FIXED:
        return _FIXED[form]
    if wards := _WARDS.fullmatch(form):
        return f"{wards[1]}ward"
    if _ROTATION.fullmatch(form):
        return re.sub(r"[\s-]", "", form)
    return None


def left_is_departure(before: str, after: str) -> bool:
    """Whether "left" between these two forms ("" where the caption pauses or ends) is the past of "leave".

    A tagger calls it a verb in one of eight HumanML3D captions that mean the direction ("right then left
    hand"), so the neighbours decide: "the man left his chair", "has left", "is left behind".
    """
    if before in _HAVE:
        return after == "" or after in _LEFT_BEHIND
    if before in _BE:
        return after in ("behind", "alone")
    return before in _SUBJECTS and after in _LEFT_BEHIND


def leaves_are_foliage(before: str) -> bool:
    """Whether "leaves" after this form can be the plural of "leaf", as in "rakes leaves".

    After a subject, a conjunction or a pause ("knocks, and leaves") it is the verb, which taggers miss.
    """
    return before not in _SUBJECTS and before not in _PAUSES
