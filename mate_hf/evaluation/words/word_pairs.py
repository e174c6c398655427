"""Words of like motion, and sentences that differ in a word of opposite or of like motion."""

from __future__ import annotations

from mate_hf.evaluation.words.neighbours import MINIMAL_PAIRS

SYNONYMS = (
    ("quickly", "rapidly"),
    ("slowly", "gradually"),
    ("jogs", "runs"),
    ("jumps", "leaps"),
    ("squats", "crouches"),
    ("begins", "starts"),
    ("forward", "ahead"),
    ("raises", "lifts"),
    ("spins", "twirls"),
    ("picks", "grabs"),
)

ANTONYM_SENTENCES = (
    *MINIMAL_PAIRS,
    ("a person walks to the left", "a person walks to the right"),
    ("a person steps forward then raises the left arm", "a person steps backward then raises the left arm"),
    ("a person raises both arms", "a person lowers both arms"),
)

SYNONYM_SENTENCES = (
    ("a person jogs forward", "a person runs forward"),
    ("a person walks quickly", "a person walks rapidly"),
    ("a person jumps over something", "a person leaps over something"),
    ("a person squats down", "a person crouches down"),
    ("a person raises the left hand", "a person lifts the left hand"),
    ("someone starts walking", "someone begins walking"),
    ("a person turns left", "someone turns to the left"),
)
