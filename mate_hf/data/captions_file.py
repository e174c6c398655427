"""`texts/<id>.txt` of HumanML3D and KIT-ML: a caption a line, `caption#word/POS word/POS ...#start#end`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from mate_hf.errors import MateError


@dataclass(frozen=True)
class Annotation:
    """One caption and the part of the motion it describes, in seconds; 0.0 to 0.0 is the whole motion."""

    caption: str
    start: float
    end: float

    @property
    def whole(self) -> bool:
        return self.start == 0.0 and self.end == 0.0


def read_annotations(file: Path) -> tuple[list[Annotation], list[str]]:
    """The annotations of a text file in its order, and the reason for each line that is none.

    Blank lines are nothing; a start or end that is NaN counts as 0.0, as everywhere in the field.

    Raises:
        MateError: the file is missing, cannot be read, or is not UTF-8.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise MateError(f"{file}: not found, so the motion has no caption.") from None
    except UnicodeDecodeError as error:
        raise MateError(f"{file}: not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    except OSError as error:
        raise MateError(f"{file}: cannot be read ({error.strerror}).") from error
    annotations, problems = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            annotations.append(parse_annotation(line))
        except MateError as error:
            problems.append(f"{file}, line {number}: {error}")
    return annotations, problems


def parse_annotation(line: str) -> Annotation:
    """`caption#words#start#end` -> Annotation.

    Raises:
        MateError: too few fields, no caption, or times that are not a stretch of time.
    """
    fields = line.split("#")
    if len(fields) < 4:
        raise MateError(f"{len(fields)} fields between '#'; expected caption#words#start#end.")
    caption = fields[0].strip()
    if not caption:
        raise MateError("the caption is empty.")
    start, end = _seconds(fields[-2]), _seconds(fields[-1])
    annotation = Annotation(caption, start, end)
    if not annotation.whole and not 0.0 <= start < end:
        raise MateError(
            f"from {start:g} s to {end:g} s; expected 0 <= start < end, or 0 and 0 for the whole motion."
        )
    return annotation


def _seconds(field: str) -> float:
    try:
        seconds = float(field)
    except ValueError:
        raise MateError(f"a time of {field.strip()!r}; expected seconds as a number.") from None
    if math.isinf(seconds):
        raise MateError("an infinite time; expected seconds.")
    return 0.0 if math.isnan(seconds) else seconds
