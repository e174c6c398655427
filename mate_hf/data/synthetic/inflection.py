"""English verb forms for the verbs of the phrases."""

from __future__ import annotations

IRREGULAR = {
    "run": ("runs", "running", "ran"),
    "put": ("puts", "putting", "put"),
    "bring": ("brings", "bringing", "brought"),
    "throw": ("throws", "throwing", "threw"),
    "sit": ("sits", "sitting", "sat"),
    "stand": ("stands", "standing", "stood"),
    "get": ("gets", "getting", "got"),
    "take": ("takes", "taking", "took"),
    "make": ("makes", "making", "made"),
    "rise": ("rises", "rising", "rose"),
    "bend": ("bends", "bending", "bent"),
    "spin": ("spins", "spinning", "spun"),
    "leap": ("leaps", "leaping", "leaped"),
    "go": ("goes", "going", "went"),
    "do": ("does", "doing", "did"),
}

DOUBLING = {"jog", "step", "sidestep", "hop", "squat"}
"""Regular verbs whose last consonant doubles."""

FORMS = ("base", "s", "ing", "past")


def inflected(verb: str, form: str) -> str:
    """`verb` in one of `FORMS`: walk, walks, walking, walked."""
    if form == "base":
        return verb
    if verb in IRREGULAR:
        return IRREGULAR[verb][FORMS.index(form) - 1]
    if form == "s":
        return verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
    stem = verb[:-1] if verb.endswith("e") else verb + verb[-1] * (verb in DOUBLING)
    return stem + {"ing": "ing", "past": "ed"}[form]
