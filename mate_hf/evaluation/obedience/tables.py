"""Generators side by side, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mate_hf.evaluation.obedience.intervals import Estimate
from mate_hf.utils.markdown import plain


def comparison_table(results: dict[str, Any]) -> str:
    """What `compare_obedience` found, a row a class and probe; a difference is bold where its interval excludes 0."""
    first, *others = (plain(generator["name"]) for generator in results["generators"])
    columns = [f"{first}, % obeyed"]
    for name in others:
        columns += [f"{name}, % obeyed", f"{name} - {first}, points"]
    head = ["kind of prompt", "probe", "prompts, motions", *columns]
    rows = [head, ["---"] * len(head), *_rows(results)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _rows(results: dict[str, Any]) -> Iterator[list[str]]:
    for of_class, probes in results["generators"][0]["probes"].items():
        for probe in (None, *probes):
            first, *others = (Estimate(**part_of(part, of_class, probe)) for part in results["generators"])
            cells = [str(first)]
            for other, part in zip(others, results["differences"], strict=True):
                cells += [str(other), _points(Estimate(**part_of(part, of_class, probe)))]
            name = plain(of_class) if probe is None else ""
            yield [
                name,
                "all" if probe is None else plain(probe),
                f"{first.prompts}, {first.motions}",
                *cells,
            ]


def part_of(measured: dict[str, Any], of_class: str, probe: str | None) -> dict[str, Any]:
    """The estimate of a class of prompt, or of one probe in it, as results hold it."""
    found: dict[str, Any] = (
        measured["classes"][of_class] if probe is None else measured["probes"][of_class][probe]
    )
    return found


def _points(by: Estimate) -> str:
    decided = by.low is not None and by.high is not None and (by.low > 0 or by.high < 0)
    return f"**{by.signed}**" if decided else by.signed
