"""Verb phrases for every action, as people write them.

A phrase is a string of `word/TAG`; `a,b/TAG` means any of them, `steps>step/TAG` gives a lemma that differs
from the word, `{slot}` is filled from the action. The first VERB is in its base form and inflected later.
"""

from __future__ import annotations

SUBJECTS = {
    "the person": ("they", "he"),
    "a person": ("they", "he", "she"),
    "someone": ("they", "he"),
    "a man": ("he",),
    "the man": ("he",),
    "a woman": ("she",),
    "the figure": ("it",),
    "a figure": ("it",),
    "he": ("he",),
    "she": ("she",),
    "they": ("they",),
}
"""Who acts, and the pronouns that may take it up."""

POSSESSIVES = {"he": "his", "she": "her", "they": "their", "it": "its"}

GAIT_VERBS = {
    ("walk", "slowly"): ("walk", "walk", "walk", "stroll"),
    ("walk", "normally"): ("walk", "walk", "walk", "walk", "stroll"),
    ("walk", "quickly"): ("walk",),
    ("jog", "slowly"): ("jog",),
    ("jog", "normally"): ("jog",),
    ("jog", "quickly"): ("jog",),
    ("run", "slowly"): ("run",),
    ("run", "normally"): ("run",),
    ("run", "quickly"): ("run", "run", "sprint", "dash"),
}

GAIT_PHRASES = {
    "forward": (
        "{verb}/VERB forward,forwards>forward/ADV",
        "{verb}/VERB forward/ADV",
        "{verb}/VERB straight/ADV ahead,forward/ADV",
        "{verb}/VERB forward/ADV in/ADP a/DET straight/ADJ line/NOUN",
    ),
    "backward": (
        "{verb}/VERB backward,backwards>backward/ADV",
        "{verb}/VERB backward,backwards>backward/ADV",
        "{verb}/VERB straight/ADV backward,backwards>backward/ADV",
        "{verb}/VERB backward/ADV in/ADP a/DET straight/ADJ line/NOUN",
    ),
    "sideways": (
        "{verb}/VERB sideways/ADV to/ADP {poss} {direction}/NOUN",
        "{verb}/VERB sideways/ADV to/ADP the/DET {direction}/NOUN",
        "{verb}/VERB to/ADP the/DET {direction}/NOUN sideways/ADV",
    ),
    "circle": (
        "{verb}/VERB in/ADP a/DET {direction}/ADJ circle/NOUN",
        "{verb}/VERB around/ADV in/ADP a/DET {direction}/ADJ circle/NOUN",
        "{verb}/VERB {direction}/ADV in/ADP a/DET circle/NOUN",
        "{verb}/VERB in/ADP a/DET circle/NOUN {direction}/ADV",
        "{verb}/VERB in/ADP a/DET circle/NOUN",
    ),
}

WALK_ONLY = {
    "backward": ("step/VERB backward,backwards>backward/ADV",),
    "sideways": (
        "step/VERB sideways/ADV to/ADP the/DET {direction}/NOUN",
        "sidestep/VERB to/ADP {poss} {direction}/NOUN",
    ),
}

ONE_ARM = {
    "raise": (
        "raise,raise,lift/VERB {poss} {side} arm,hand/NOUN",
        "raise,lift/VERB {poss} {side} arm,hand/NOUN up/ADV",
        "put/VERB {poss} {side} arm,hand/NOUN up/ADV",
    ),
    "lower": (
        "lower/VERB {poss} {side} arm,hand/NOUN",
        "lower,bring,put/VERB {poss} {side} arm,hand/NOUN down/ADV",
    ),
    "wave": ("wave/VERB {poss} {side} hand,arm/NOUN", "wave/VERB with/ADP {poss} {side} hand,arm/NOUN"),
}

BOTH_ARMS = {
    "raise": (
        "raise,raise,lift/VERB both/DET arms>arm,hands>hand/NOUN",
        "put/VERB both/DET arms>arm,hands>hand/NOUN up/ADV",
    ),
    "lower": (
        "lower/VERB both/DET arms>arm,hands>hand/NOUN",
        "bring,put/VERB both/DET arms>arm,hands>hand/NOUN down/ADV",
    ),
    "wave": ("wave/VERB both/DET hands>hand,arms>arm/NOUN", "wave/VERB with/ADP both/DET hands>hand/NOUN"),
}  # fmt: skip

PHRASES = {
    "kick": (
        "kick/VERB {count} with/ADP {poss} {side} leg,foot/NOUN",
        "kick/VERB with/ADP {poss} {side} leg,foot/NOUN {count}",
        "kick/VERB {poss} {side} leg,foot/NOUN {count}",
        "kick/VERB {poss} {side} leg/NOUN forward/ADV {count}",
    ),
    "punch": (
        "punch/VERB {count} with/ADP {poss} {side} hand,fist,arm/NOUN",
        "punch/VERB with/ADP {poss} {side} hand,fist,arm/NOUN {count}",
        "punch/VERB forward/ADV {count} with/ADP {poss} {side} hand,fist/NOUN",
        "throw/VERB {punches} with/ADP {poss} {side} hand,fist,arm/NOUN",
    ),
    "hop": (
        "hop/VERB {count} on/ADP {poss} {side} leg,foot/NOUN",
        "hop/VERB on/ADP {poss} {side} leg,foot/NOUN {count}",
        "hop/VERB in/ADP place/NOUN on/ADP {poss} {side} leg/NOUN {count}",
    ),
    "hop both": (
        "hop/VERB {count} on/ADP both/DET feet>foot,legs>leg/NOUN",
        "hop/VERB on/ADP both/DET feet>foot,legs>leg/NOUN {count}",
        "hop/VERB in/ADP place/NOUN {count}",
    ),
    "jump": (
        "jump/VERB {count}",
        "jump/VERB up/ADV {count}",
        "jump/VERB in/ADP place/NOUN {count}",
        "jump,leap/VERB into/ADP the/DET air/NOUN {count}",
    ),
    "squat": ("squat/VERB {count}", "squat/VERB down/ADV {count}", "do,perform/VERB {squats}"),
    "crouch": ("crouch/VERB", "crouch/VERB down/ADV", "crouch/VERB low/ADV"),
    "sit": ("sit/VERB down/ADV", "sit/VERB down/ADV", "sit/VERB", "take/VERB a/DET seat/NOUN"),
    "stand": (
        "stand/VERB up/ADV",
        "stand/VERB up/ADV",
        "get/VERB up/ADV",
        "rise/VERB to/ADP {poss} feet>foot/NOUN",
    ),
    "stand seated": ("stand/VERB up/ADV from/ADP a/DET chair,seat/NOUN",),
    "stand crouched": ("stand/VERB up/ADV from/ADP a/DET crouch/NOUN",),
    "bow": (
        "bow/VERB",
        "bow/VERB forward,down/ADV",
        "take/VERB a/DET bow/NOUN",
        "bend/VERB forward/ADV at/ADP the/DET waist/NOUN",
    ),
    "spin": (
        "spin/VERB {direction}/ADV",
        "spin/VERB around/ADV {direction}/ADV",
        "spin/VERB in/ADP place/NOUN {direction}/ADV",
        "spin/VERB in/ADP a/DET {direction}/ADJ circle/NOUN",
        "spin/VERB {direction}/ADV in/ADP place/NOUN",
    ),
    "turn 90": (
        "turn/VERB {direction}/ADV",
        "turn/VERB to/ADP the/DET {direction}/NOUN",
        "turn/VERB to/ADP {poss} {direction}/NOUN",
        "make/VERB a/DET {direction}/ADJ turn/NOUN",
        "turn/VERB ninety,90/NUM degrees>degree/NOUN to/ADP the/DET {direction}/NOUN",
    ),
    "turn 180": (
        "turn/VERB around/ADV to/ADP the/DET {direction}/NOUN",
        "turn/VERB around/ADV to/ADP {poss} {direction}/NOUN",
        "turn/VERB 180/NUM degrees>degree/NOUN to/ADP the/DET {direction}/NOUN",
        "make/VERB a/DET half/ADJ turn/NOUN to/ADP the/DET {direction}/NOUN",
    ),
    "climb up": (
        "walk,go/VERB up/ADP the,some/DET stairs>stair/NOUN",
        "walk/VERB upstairs/ADV",
        "climb/VERB up/ADP the,some/DET stairs>stair,steps>step/NOUN",
        "climb/VERB the,some/DET stairs>stair/NOUN",
    ),
    "climb down": (
        "walk,go/VERB down/ADP the,some/DET stairs>stair/NOUN",
        "walk/VERB downstairs/ADV",
        "descend/VERB the,some/DET stairs>stair/NOUN",
        "climb/VERB down/ADP the,some/DET stairs>stair,steps>step/NOUN",
    ),
}

COUNTS = {
    1: ("", "", "", "once/ADV", "one/NUM time/NOUN"),
    2: ("twice/ADV", "twice/ADV", "two/NUM times>time/NOUN", "a/DET couple/NOUN of/ADP times>time/NOUN"),
    3: (*["three/NUM times>time/NOUN"] * 3, "several/ADJ times>time/NOUN"),
}  # fmt: skip

NUMBERS = {1: ("a/DET", "one/NUM"), 2: ("two/NUM",), 3: ("three/NUM",)}

SPEED_BEFORE = {
    "slowly": ("slowly/ADV",),
    "normally": (),
    "quickly": ("quickly/ADV", "quickly/ADV", "rapidly/ADV"),
}
"""Adverbs that stand before the verb."""

SPEED_AFTER = {
    "slowly": ("slowly/ADV",),
    "normally": (),
    "quickly": ("quickly/ADV", "rapidly/ADV", "fast/ADV"),
}

PACE_AFTER = {
    "slowly": ("at/ADP a/DET slow/ADJ pace,speed/NOUN",),
    "normally": ("at/ADP a/DET normal,steady,moderate/ADJ pace/NOUN",),
    "quickly": ("at/ADP a/DET fast,quick/ADJ pace/NOUN",),
}
"""What only someone who moves over the ground has."""

HANGING_ARMS = (
    "with/ADP both/DET arms>arm/NOUN at/ADP {poss} sides>side/NOUN",
    "with/ADP {poss} arms>arm/NOUN down/ADV",
)
