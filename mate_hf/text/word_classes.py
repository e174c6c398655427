"""What kind of word a lemma is, to tell which kinds training moved.

Lists and not a tagger: "up", "around" and "right" are adpositions, adverbs and nouns to one, and directions in a motion caption.
Verbs that no list names are known by the -ing form that the corpus has of them.
"""

from __future__ import annotations

from mate_hf.text.function_words import FUNCTION_LEMMAS
from mate_hf.text.vocabulary import Vocabulary

CLASSES = ("function", "motion", "direction", "count", "speed", "other")

_DIRECTION = """
left right leftward leftwards rightward rightwards clockwise counterclockwise anticlockwise counter-clockwise
forward forwards backward backwards back ahead onward sideways sideway side diagonally laterally straight around round
up down upward upwards downward downwards upstairs downstairs high low above below over under across through along
away toward towards inward outward front behind near far off out
"""
_COUNT = """
once twice thrice one two three four five six seven eight nine ten twelve ninety hundred half quarter time single double triple
several many few multiple couple pair both repeatedly again first second third
"""
_SPEED = """
slowly quickly rapidly swiftly fast slow quick rapid swift brisk briskly steady steadily gradually hastily leisurely
normal moderate pace speed suddenly gently hurriedly abruptly sluggishly sluggish
"""
_MOTION = """
walk run jog sprint dash stroll march stride step sidestep stumble limp skip hop jump leap climb descend ascend crawl
turn spin rotate pivot twirl wave bow bend squat crouch kneel sit stand rise lie fall lean stretch kick punch throw catch
raise lift lower swing reach grab pick push pull dance swim balance sway shake clap point duck dodge move stop
"""
_LIGHT_VERBS = """
make take get go put bring perform start begin keep try use
"""

DIRECTION = frozenset(_DIRECTION.split())
"""Where to, around which way, and at which height."""

COUNT = frozenset(_COUNT.split())
"""How often, and how many; figures such as "180" count too."""

SPEED = frozenset(_SPEED.split())

MOTION = frozenset(_MOTION.split())

LIGHT_VERBS = frozenset(_LIGHT_VERBS.split())
"""Verbs that leave it to another word what the body does ("takes a step"): class "other"."""

CONNECTIVES = frozenset({"finally"})
"""Of the class "function" although `word_sampling: content` keeps them."""


def class_of(lemma: str, forms: tuple[str, ...] = ()) -> str:
    """Of `CLASSES`.

    Args:
        forms: the spellings that a corpus has of it, lower case.
    """
    for name, listed in (
        ("direction", DIRECTION),
        ("count", COUNT),
        ("speed", SPEED),
        ("function", FUNCTION_LEMMAS | CONNECTIVES),
        ("motion", MOTION),
        ("other", LIGHT_VERBS),
    ):
        if lemma in listed:
            return name
    if lemma.isdigit():
        return "count"
    return "motion" if any(form.endswith("ing") and form != lemma for form in forms) else "other"


def classes_of(vocabulary: Vocabulary) -> dict[str, str]:
    """The class of each spelling that a corpus has."""
    return {form: class_of(lemma, forms) for lemma, forms in vocabulary.forms.items() for form in forms}
