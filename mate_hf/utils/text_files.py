"""Text files of others, a line an item: one way to read them all."""

from __future__ import annotations

import re
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import mistaken, no_plain_file

LINE_ENDS = re.compile("\r\n|\r|\n")
"""Of Unix, Windows and old Macs. What else `str.splitlines` takes for an end (U+2028, form feeds) may stand inside a caption."""


LARGEST = 2**28
"""Bytes of a file; all captions of HumanML3D with their tags take a tenth of it."""


def read_lines(file: Path) -> list[str]:
    """The lines of a UTF-8 text file, without their ends; a byte-order mark is no text, and nothing follows a last line end.

    Raises:
        FileNotFoundError: there is none; who asks knows what that means.
        MateError: it cannot be read, is larger than any list of captions, is not UTF-8, or is something else altogether.
    """
    try:
        if what := no_plain_file(file):
            raise MateError(f"{file}: {what}; expected a text file.")
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except (FileNotFoundError, MateError):
        raise
    except (OSError, ValueError) as error:
        raise MateError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    if len(content) > LARGEST:
        raise MateError(
            f"{file}: more than {LARGEST // 2**20} MB of text; expected captions or ids. Name another file."
        )
    if content and (what := mistaken(file)):
        raise MateError(f"{file}: {what}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(LINE_ENDS.findall(content[: error.start].decode("latin-1"))) + 1
        raise MateError(f"{file}, line {line}: not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    lines = LINE_ENDS.split(text)
    return lines[:-1] if not lines[-1] else lines
