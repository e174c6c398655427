"""What a corpus says of whether it may be passed on: a file LICENSE in it, and of the synthetic one what was made of it."""

from __future__ import annotations

from pathlib import Path

from mate_hf.data.report import Report

LICENCE_FILE = "LICENSE"

OWN = "Apache-2.0"

OWN_TEXT = (
    "Written by `mate prepare --synthetic` of mate-hf: motions and captions are made up by its code and taken from nobody.\n"
    "SPDX-License-Identifier: Apache-2.0\nhttps://www.apache.org/licenses/LICENSE-2.0\n"
)


def own_licence(folder: Path) -> str:
    """The name of the licence of a synthetic corpus; "" for every other folder, whatever its LICENSE says."""
    file = folder / LICENCE_FILE
    return OWN if file.is_file() and file.read_bytes() == OWN_TEXT.encode() else ""


def licence_text(folder: Path, report: Report) -> str | None:
    """Under what a corpus may be passed on, as its file or its report has it; None where neither says anything."""
    file = folder / LICENCE_FILE
    if file.is_file():
        return file.read_text(encoding="utf-8", errors="replace")
    return OWN_TEXT if report.licence == OWN else None
