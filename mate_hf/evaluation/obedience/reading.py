"""A file of `mate evaluate obedience` as the outcomes that it was written from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.outcomes import Obedience, Outcome
from mate_hf.evaluation.obedience.prompts import FIELDS, prompt_of
from mate_hf.utils.json_files import brief, read_json, require_fields

REMEDY = "Expected a file of `mate evaluate obedience ... --out`: measure again."


def read_obedience(path: str | Path) -> tuple[Obedience, dict[str, Any]]:
    """Outcomes, from which all shares follow, and all that the file says; what was written of quality stays in the latter.

    Raises:
        MateError: no such file, damaged, or another command's.
    """
    content = read_json(path, dict, REMEDY)
    fields = {
        "command": str,
        "data_hash": str,
        "per_prompt": int,
        "seed": int,
        "told_apart": dict,
        "prompts": list,
    }
    require_fields(content, str(path), fields, REMEDY)
    per_prompt = content["per_prompt"]
    outcomes = tuple(
        _outcome(entry, f"{path}, prompt {number}", per_prompt)
        for number, entry in enumerate(content["prompts"], start=1)
    )
    if not outcomes:
        raise MateError(f"{path}: no prompts. {REMEDY}")
    return Obedience(outcomes, per_prompt, content["seed"]), content


def _outcome(entry: Any, where: str, per_prompt: int) -> Outcome:
    if not isinstance(entry, dict):
        raise MateError(f"{where}: {brief(entry)}; expected an object. {REMEDY}")
    require_fields(entry, where, {"values": list, "others": list}, REMEDY)
    for name, counts in (("values", (per_prompt,)), ("others", (0, per_prompt))):
        numbers = entry[name]
        if len(numbers) not in counts or any(type(number) not in (int, float) for number in numbers):
            raise MateError(
                f"{where}: field {name!r} is {brief(numbers)}; expected {per_prompt} numbers. {REMEDY}"
            )
    prompt = prompt_of({name: value for name, value in entry.items() if name in FIELDS}, where)
    return Outcome(prompt, tuple(map(float, entry["values"])), tuple(map(float, entry["others"])))
