"""Captions as CLIP reads them: `clip.tokenize` repairs a text before it looks up tokens, and transformers' tokenizer does not.

Where a caption says "it’s", `clip.load` clients read the rows of "it" and "'s". Trained without the repair, other rows
would learn it. What is done here is what ftfy and `html.unescape` do there, up to text decoded by the wrong alphabet, of which
punctuation alone is repaired ("â€™").
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from html.entities import html5
from typing import Any, NamedTuple

from transformers import BatchEncoding, PreTrainedTokenizerBase

ROUNDS = 8
"""How often a text may be escaped ("&amp;amp;quot;")."""


class Cleaned(NamedTuple):
    """A repaired text, and of each of its characters the first and the end of what stood for it in the caption."""

    text: str
    places: list[tuple[int, int]]


def _plain_forms() -> dict[str, str]:
    """Characters that only look different -> the plain ones."""
    # Windows' punctuation, read as ISO 8859-1; five of these bytes mean nothing.
    forms = {chr(code): bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
    wide = [0x3000, *range(0xFF01, 0xFFF0)]
    joined = [0x132, 0x133, 0x149, *range(0x1C4, 0x1CD), *range(0x1F1, 0x1F4), *range(0xFB00, 0xFB07)]
    forms |= {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in (*wide, *joined)}
    forms |= {"\ufb05": "\u017ft"}
    forms |= dict.fromkeys("\u02bc\u2018\u2019\u201a\u201b", "'")
    forms |= dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
    forms |= dict.fromkeys("\r\u2028\u2029", "\n")
    return {character: plain for character, plain in forms.items() if character != plain}


_FORMS = _plain_forms()
_THIRD = "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xC0))
"""What the last byte of a curly quote or a dash looks like in Windows' alphabet; the first two look like "â€"."""

_UNSEEN = [*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F]
_UNSEEN += [*range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFD)]


def _any_of(characters: Iterable[str]) -> str:
    return f"[{''.join(map(re.escape, characters))}]"


def _entity(part: str) -> str:
    name = part[1:]
    if name in html5:
        return html5[name]
    if part[1] == "#":
        number = html.unescape(part)
        return part if ";" in number else number
    # Names of letters written large: "&EACUTE;".
    return html5[name.lower()].upper() if name == name.upper() and name.lower() in html5 else part


Step = tuple[re.Pattern[str], Callable[[str], str]]

_ENTITIES: Step = (re.compile(r"&#?[0-9A-Za-z]{1,24};"), _entity)
_STEPS: tuple[Step, ...] = (
    (
        re.compile(f"\u00e2\u20ac{_any_of(_THIRD)}"),
        lambda part: bytes([0xE2, 0x80, 0x80 + _THIRD.index(part[2])]).decode("utf-8"),
    ),
    (re.compile(_any_of(_FORMS)), _FORMS.__getitem__),
    # Colours of a terminal.
    (re.compile(r"\x1b\[[\d;]*[a-zA-Z]"), lambda part: ""),
    (re.compile(_any_of(map(chr, _UNSEEN))), lambda part: ""),
)
_REFERENCES: Step = (
    re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)"),
    html.unescape,
)
_ODD = re.compile("&|" + "|".join(pattern.pattern for pattern, _ in _STEPS))


def cleaned(caption: str) -> Cleaned:
    """A caption as `clip.tokenize` repairs it: plain quotes, no HTML entities, no ligatures, no control characters."""
    found = Cleaned(caption, [(place, place + 1) for place in range(len(caption))])
    if not _ODD.search(caption):
        return found
    # From the first line with a tag on, an entity may be markup: it is resolved last, and then twice at most.
    tag = caption.find("<")
    markup = len(caption) if tag < 0 else caption.rfind("\n", 0, tag) + 1
    lines = _settled(Cleaned(caption[:markup], found.places[:markup]), (_ENTITIES, *_STEPS))
    rest = _settled(Cleaned(caption[markup:], found.places[markup:]), _STEPS)
    found = Cleaned(lines.text + rest.text, lines.places + rest.places)
    return _taken(found, (_REFERENCES, _REFERENCES))


def _settled(text: Cleaned, steps: Sequence[Step]) -> Cleaned:
    for _ in range(ROUNDS):
        before = text
        text = _taken(text, steps)
        if text.text == before.text:
            break
    return text


def _taken(text: Cleaned, steps: Sequence[Step]) -> Cleaned:
    for pattern, by in steps:
        text = _replaced(text, pattern, by)
    return text


def is_clip(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether a tokenizer is CLIP's."""
    # The two are one class in transformers 5.
    names = {kind.__name__ for kind in type(tokenizer).__mro__}
    return not names.isdisjoint(("CLIPTokenizer", "CLIPTokenizerFast"))


def tokenised(tokenizer: PreTrainedTokenizerBase, captions: list[str], **options: Any) -> BatchEncoding:
    """`tokenizer(captions, **options)`; a CLIP's reads them `cleaned`, and its offsets are those in the captions."""
    if not is_clip(tokenizer):
        return tokenizer(captions, **options)
    repaired = [cleaned(caption) for caption in captions]
    encoding = tokenizer([text for text, _ in repaired], **options)
    if "offset_mapping" in encoding:
        encoding["offset_mapping"] = [
            [
                (places[start][0], places[end - 1][1]) if start < end else (start, end)
                for start, end in offsets
            ]
            for offsets, (_, places) in zip(encoding["offset_mapping"], repaired, strict=True)
        ]
    return encoding


def _replaced(text: Cleaned, pattern: re.Pattern[str], by: Callable[[str], str]) -> Cleaned:
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    end = 0
    for match in pattern.finditer(text.text):
        first, last = match.span()
        new = by(match.group())
        parts += [text.text[end:first], new]
        places += text.places[end:first]
        places += [(text.places[first][0], text.places[last - 1][1])] * len(new)
        end = last
    return Cleaned("".join([*parts, text.text[end:]]), [*places, *text.places[end:]])
