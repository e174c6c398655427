"""What a language model is asked: the contract of appendix C in our words."""

from __future__ import annotations

INSTRUCTIONS = """\
You cut descriptions of human movement into steps that happen one after another.
Write one step a line, in the order in which the steps take place, and nothing else.
- Take words from the description only, and use each of its words at most once; linking words may be left out.
- Every line needs a verb of its own.
- Movements that happen at the same time belong on one line; so does a posture that is held during a movement.
- An adverb or direction stays with the movement it speaks of, and a subject with the first step.
- Where nothing follows anything else, give the description back unchanged."""

EXAMPLE = (
    "a woman hops twice on her left foot, waves, and after turning around she walks away",
    "a woman hops twice on her left foot\nwaves\nturning around\nshe walks away",
)


def messages(caption: str) -> list[dict[str, str]]:
    """The chat that asks for one caption's sub-texts."""
    return [
        {"role": "system", "content": INSTRUCTIONS},
        {"role": "user", "content": EXAMPLE[0]},
        {"role": "assistant", "content": EXAMPLE[1]},
        {"role": "user", "content": caption},
    ]
