"""The vocabulary on disk: one versioned JSON file, checked as a whole when opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.utils.files import write_json
from mate_hf.utils.json_files import brief, read_json, require_fields

FORMAT_VERSION = 1
_FIELDS = {"lemma": str, "count": int, "content": bool, "forms": list}
_REMEDY = "Make it anew with `mate prepare`."


def write_entries(path: str | Path, entries: list[dict[str, Any]]) -> None:
    """Write the lemmas in the order of their prototypes, whole or not at all."""
    write_json(path, {"version": FORMAT_VERSION, "lemmas": entries})


def read_entries(path: str | Path) -> list[dict[str, Any]]:
    """The lemmas that `write_entries` wrote, each with `lemma`, `count`, `content` and `forms`.

    Raises:
        MateError: no such file, not JSON, another version, a field missing or of the wrong kind, or a lemma
            or form that comes twice.
    """
    if not Path(path).is_file():
        raise MateError(f"cannot read the vocabulary {path}: no such file. {_REMEDY}")
    content = read_json(path, dict, _REMEDY)
    if "version" not in content:
        raise MateError(f"{path} is no vocabulary: expected an object with 'version' and 'lemmas'. {_REMEDY}")
    if content["version"] != FORMAT_VERSION:
        raise MateError(
            f"{path} has vocabulary version {brief(content['version'])}; this mate-hf reads version "
            f"{FORMAT_VERSION}. Upgrade mate-hf, or make the vocabulary anew with `mate prepare`."
        )
    entries = content.get("lemmas")
    if not isinstance(entries, list) or not entries:
        raise MateError(f"{path}: field 'lemmas' is {brief(entries)}; expected a list of lemmas. {_REMEDY}")
    for number, entry in enumerate(entries):
        _check_entry(entry, f"{path}: lemma {number}")
    _check_unique([entry["lemma"] for entry in entries], f"{path}: lemma")
    _check_unique([form for entry in entries for form in entry["forms"]], f"{path}: form")
    return entries


def _check_entry(entry: Any, where: str) -> None:
    if not isinstance(entry, dict):
        raise MateError(f"{where} is {brief(entry)}; expected an object. {_REMEDY}")
    require_fields(entry, where, _FIELDS, _REMEDY)


def _check_unique(words: list[str], what: str) -> None:
    seen: set[str] = set()
    for word in words:
        if not isinstance(word, str):
            raise MateError(f"{what} {brief(word)} is not text. {_REMEDY}")
        if word in seen:
            raise MateError(f"{what} '{word}' comes twice. {_REMEDY}")
        seen.add(word)
