"""The fifteen kinds of word that the field's evaluator tells apart: parts of speech, and words that motion turns on."""

from __future__ import annotations

from mate_hf.guo_evaluator.tokens import OTHER

MOTION_WORDS = {
    "Loc_VIP": "left right clockwise counterclockwise anticlockwise forward back backward up down straight curve",
    "Body_VIP": "arm chin foot feet face hand mouth leg waist eye knee shoulder thigh",
    "Obj_VIP": "stair dumbbell chair window floor car ball handrail baseball basketball",
    "Act_VIP": (
        "walk run swing pick bring kick put squat throw hop dance jump turn stumble stop sit lift lower raise wash stand "
        "kneel stroll rub bend balance flap jog shuffle lean rotate spin spread climb"
    ),
    "Desc_VIP": "slowly carefully fast careful slow quickly happy angry sad happily angrily sadly",
}
"""As the published checkpoints were trained (Guo et al. 2022)."""

PARTS_OF_SPEECH = ("VERB", "NOUN", "DET", "ADP", "NUM", "AUX", "PRON", "ADJ", "ADV")

TAGS = (*PARTS_OF_SPEECH, *MOTION_WORDS, OTHER)
"""In the order of the one-hot input."""

_GROUP = {word: group for group, words in MOTION_WORDS.items() for word in words.split()}
_NUMBER = {tag: number for number, tag in enumerate(TAGS)}


def tag_number(word: str, tag: str) -> int:
    """Place in `TAGS`: a motion word's group, else its part of speech, else OTHER."""
    return _NUMBER[_GROUP.get(word, tag if tag in PARTS_OF_SPEECH else OTHER)]
