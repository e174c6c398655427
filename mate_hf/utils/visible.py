"""Text of others as it may be shown: what a terminal would obey becomes something that a person sees."""

from __future__ import annotations

import re

OBEYED = re.compile(
    # Control characters but tab and line feed; marks that turn the direction of text; further ends of lines; halves of pairs.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

SPELLED = str.maketrans(
    {
        "±": "+-",
        "×": "x",
        "·": ".",
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
        "→": "->",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
    }
)
"""What our own sentences use, for terminals that know ASCII alone."""


def visible(text: str) -> str:
    """`text` with control characters as `^[`, and others that are obeyed instead of shown by their number; lines stay lines."""
    return OBEYED.sub(lambda found: _shown(found[0]), text)


def one_line(text: str) -> str:
    """`visible`, with line feeds and tabs shown too."""
    return visible(text).replace("\n", _shown("\n")).replace("\t", _shown("\t"))


def encodable(text: str, encoding: str) -> str:
    """`text` in characters that the encoding has: others are spelled, or stand by their number."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(SPELLED).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _shown(character: str) -> str:
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"^{chr(code ^ 0x40)}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
