"""Two results of `mate evaluate obedience`, told the same with the same noise, in one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.compare import Difference, compare
from mate_hf.evaluation.obedience.intervals import Estimate
from mate_hf.evaluation.obedience.outcomes import Obedience, Outcome
from mate_hf.evaluation.obedience.prompts import FIELDS, as_prompt
from mate_hf.utils.json_files import brief, read_json, require_fields
from mate_hf.utils.markdown import plain

REMEDY = "Measure it again: mate evaluate obedience."

ALIKE = ("data_hash", "steps", "guidance", "solver")
"""What two measurements have to share, besides prompts, seed and motions of each."""


@dataclass(frozen=True)
class SideBySide:
    """What two generators made of the same words.

    Attributes:
        names: of the two.
        found: what each did.
        difference: percentage points by which the second obeys more often.
    """

    names: tuple[str, str]
    found: tuple[Obedience, Obedience]
    difference: Difference

    def to_json(self) -> dict[str, Any]:
        """`obedience` by name, without the single prompts, and `difference`."""
        kept = ("per_prompt", "seed", "classes", "probes", "words", "told_apart")
        whole = {name: found.to_json() for name, found in zip(self.names, self.found, strict=True)}
        both = {name: {key: found[key] for key in kept} for name, found in whole.items()}
        return {"obedience": both, "difference": self.difference.to_json()}

    def rows(self) -> Iterator[tuple[str, str, Estimate, Estimate, Estimate]]:
        """Class, probe (empty for the whole class), either one's percent obeyed, and the difference in points."""
        classes = [found.classes for found in self.found]
        probes = [found.probes for found in self.found]
        for name, whole in self.difference.classes.items():
            yield name, "", classes[0][name], classes[1][name], whole
            for probe, by in self.difference.probes[name].items():
                yield name, probe, probes[0][name][probe], probes[1][name][probe], by

    def to_markdown(self) -> str:
        """A row a class and probe; a difference is bold where its interval excludes 0."""
        first, second = map(plain, self.names)
        lines = [
            f"| prompts | probe | prompts, motions | {first}, % obeyed | {second}, % obeyed | {second} − {first}, points |",
            "|---|---|---|---|---|---|",
        ]
        for name, probe, one, other, by in self.rows():
            cells = [
                plain(name) if not probe else "",
                plain(probe) or "all",
                f"{by.prompts}, {by.motions}",
                str(one),
                str(other),
                _points(by),
            ]
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join(lines) + "\n"


def side_by_side(first: str | Path, second: str | Path, names: tuple[str, str]) -> SideBySide:
    """Read two results files and hold the second against the first.

    Raises:
        MateError: a file that is none of `mate evaluate obedience` or damaged; two that were not measured alike.
    """
    contents = [read_json(path, dict, REMEDY) for path in (first, second)]
    for name in ALIKE:
        ours, theirs = (content.get(name) for content in contents)
        if ours != theirs:
            raise MateError(
                f"{first}, {second}: {name} is {brief(ours)} and {brief(theirs)}; expected the same. {REMEDY}"
            )
    one, other = (
        _obedience(content, str(path)) for content, path in zip(contents, (first, second), strict=True)
    )
    return SideBySide(names, (one, other), compare(one, other))


def _obedience(content: dict[str, Any], where: str) -> Obedience:
    require_fields(content, where, {"per_prompt": int, "seed": int, "prompts": list}, REMEDY)
    outcomes = [
        _outcome(entry, f"{where}: prompt {number}") for number, entry in enumerate(content["prompts"], 1)
    ]
    for outcome in outcomes:
        if len(outcome.values) != content["per_prompt"]:
            raise MateError(
                f"{where}: {len(outcome.values)} motions of {brief(outcome.prompt.text)}; expected {content['per_prompt']}. {REMEDY}"
            )
    return Obedience(tuple(outcomes), content["per_prompt"], content["seed"])


def _outcome(entry: Any, where: str) -> Outcome:
    if not isinstance(entry, dict):
        raise MateError(f"{where}: {brief(entry)}; expected an object. {REMEDY}")
    prompt = as_prompt({name: entry[name] for name in FIELDS if name in entry}, where)
    require_fields(entry, where, {"values": list, "others": list}, REMEDY)
    values, others = (_numbers(entry[name], f"{where}: field {name!r}") for name in ("values", "others"))
    if others and len(others) != len(values):
        raise MateError(
            f"{where}: {len(others)} others of {len(values)} values; expected as many or none. {REMEDY}"
        )
    return Outcome(prompt, values, others)


def _numbers(values: Sequence[Any], where: str) -> tuple[float, ...]:
    if not all(type(value) in (int, float) for value in values):
        raise MateError(f"{where} is {brief(values)}; expected numbers. {REMEDY}")
    return tuple(map(float, values))


def _points(by: Estimate) -> str:
    decided = by.low is not None and by.high is not None and (by.low > 0 or by.high < 0)
    return f"**{by.signed}**" if decided else by.signed
