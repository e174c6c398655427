"""`texts/<id>.txt` of HumanML3D and KIT-ML: a caption a line."""

from __future__ import annotations

from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.text.caption_lines import Annotation, parse_annotation
from mate_hf.utils.text_files import read_lines


def read_annotations(file: Path) -> tuple[list[Annotation], list[str]]:
    """The annotations of a text file in its order, and the reason for each line that is none; blank lines are nothing.

    Raises:
        MateError: the file is missing, cannot be read, or is not UTF-8.
    """
    try:
        lines = read_lines(file)
    except FileNotFoundError:
        raise MateError(f"{file}: not found, so the motion has no caption.") from None
    annotations, problems = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            annotations.append(parse_annotation(line))
        except MateError as error:
            problems.append(f"{file}, line {number}: {error}")
    return annotations, problems
