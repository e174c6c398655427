"""A caption line as HumanML3D and KIT-ML write it: `caption#word/POS word/POS ...#start#end`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from mate_hf.errors import MateError
from mate_hf.utils.json_files import brief

TAGGED = re.compile(r"(#|[^#]+)/[A-Z][A-Z$_]*")
"""A word with its part of speech; a '#' is one by itself or belongs to the caption."""


LONGEST_CAPTION = 5000
"""Characters; HumanML3D's longest has 500, and a language tool takes minutes for a book in one line."""

MOST_FIELDS = 200
"""Between '#': each may end the caption, and whether it does is asked for each."""


@dataclass(frozen=True)
class Annotation:
    """One caption and the part of the motion it describes, in seconds; 0.0 to 0.0 is the whole motion.

    Attributes:
        tags: its words with their parts of speech, as written.
    """

    caption: str
    start: float
    end: float
    tags: str = ""

    @property
    def whole(self) -> bool:
        return self.start == 0.0 and self.end == 0.0


def parse_annotation(line: str) -> Annotation:
    """`caption#words#start#end` -> Annotation. The caption, and the words, may hold a `#` of their own.

    A start or end that is NaN counts as 0.0, as everywhere in the field.

    Raises:
        MateError: too few fields, no caption, or times that are not a stretch of time.
    """
    fields = line.split("#")
    if len(fields) < 4:
        raise MateError(f"{len(fields)} fields between '#'; expected caption#words#start#end.")
    caption, tags = _caption_and_tags(fields[:-2])
    require_caption(caption)
    start, end = _seconds(fields[-2]), _seconds(fields[-1])
    annotation = Annotation(caption, start, end, tags)
    if not annotation.whole and not 0.0 <= start < end:
        raise MateError(
            f"from {start:g} s to {end:g} s; expected 0 <= start < end, or 0 and 0 for the whole motion."
        )
    return annotation


def is_annotation(line: str) -> bool:
    """Whether a line has that form, and is no bare caption with a `#` in it."""
    fields = line.split("#")
    return len(fields) >= 4 and all(_is_number(field) for field in fields[-2:])


def caption_and_tags(line: str) -> tuple[str, str]:
    """Of an annotation, whatever its times; of a caption with its tags alone; or of a bare caption, which has none.

    Raises:
        MateError: there is no caption.
    """
    fields = line.split("#")
    if is_annotation(line):
        caption, tags = _caption_and_tags(fields[:-2])
    else:
        found = _best_cut(fields)
        caption, tags = found if found and found[1] else (line.strip(), "")
    require_caption(caption)
    return caption, tags


def require_caption(caption: str) -> None:
    """Refuse what is no caption.

    Raises:
        MateError: it is empty, or longer than any sentence.
    """
    if not caption:
        raise MateError("the caption is empty.")
    if len(caption) > LONGEST_CAPTION:
        raise MateError(
            f"a caption of {len(caption)} characters; expected at most {LONGEST_CAPTION}. Write a caption a line."
        )


def _caption_and_tags(fields: list[str]) -> tuple[str, str]:
    found = _best_cut(fields) if len(fields) > 2 else None
    return found or ("#".join(fields[:-1]).strip(), fields[-1].strip())


def _best_cut(fields: list[str]) -> tuple[str, str] | None:
    """Cut at the '#' after which every word has its tag.

    Raises:
        MateError: more of them than any caption has.
    """
    if len(fields) > MOST_FIELDS:
        raise MateError(f"{len(fields)} fields between '#'; expected caption#words#start#end.")
    cuts = (
        ("#".join(fields[:place]).strip(), "#".join(fields[place:]).strip())
        for place in range(1, len(fields))
    )
    tagged = (cut for cut in cuts if cut[0] and all(TAGGED.fullmatch(word) for word in cut[1].split()))
    return next(tagged, None)


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _seconds(field: str) -> float:
    try:
        seconds = float(field)
    except ValueError:
        raise MateError(f"a time of {brief(field.strip())}; expected seconds as a number.") from None
    if math.isinf(seconds):
        raise MateError("an infinite time; expected seconds.")
    return 0.0 if math.isnan(seconds) else seconds
