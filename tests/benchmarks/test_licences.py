"""Every package that is asked for has its line, with a licence."""

from __future__ import annotations

import re
from importlib.metadata import requires
from pathlib import Path

from benchmarks.licences import NAME, needed

PAGE = Path(__file__).parents[2] / "docs" / "licences.md"


def test_every_requirement_has_its_line() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| ([\w.-]+) \|", page, re.MULTILINE))
    absent = page.rpartition("for other systems:")[2]
    ours = [NAME.match(line) for line in requires("mate-hf") or []]
    names = {name[0].lower().replace("_", "-") for name in ours if name is not None} - {"mate-hf"}
    assert names
    assert {name for name in names if name not in listed and name not in absent} == set()


def test_what_is_needed_is_found_with_what_it_needs_itself() -> None:
    found, _ = needed()
    assert "" in found["numpy"].extras
    assert "" in found["cymem"].extras, "of spaCy"
    assert all(entry.licence for entry in found.values())
