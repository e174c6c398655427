"""What `mate evaluate obedience` and `mate evaluate generation` found, as tables of a card."""

from __future__ import annotations

from typing import Any

from mate_hf.utils.markdown import plain

Table = tuple[str, list[tuple[str, str, float]]]
"""Markdown, and of each number that the Hub shall know its type, name and value."""


def obedience_table(content: dict[str, Any]) -> Table:
    """A line a class of prompt and probe; classes are what the Hub knows."""
    lines = [
        "| kind of prompt | probe | prompts | motions | obeyed % | 95 % |",
        "|---|---|---|---|---|---|",
    ]
    entries = []
    for name, whole in content["classes"].items():
        lines.append(_row(name, "all", whole))
        lines += [_row("", probe, found) for probe, found in content["probes"][name].items()]
        entries.append(("accuracy", f"obedience, {name}", float(whole["mean"])))
    told = ", ".join(
        f"{plain(name)} {found['mean']:.1f} % of {found['prompts']}"
        for name, found in content["told_apart"].items()
    )
    apart = (
        f"Opposite prompts from the same noise whose bodies differ as the words do: {told}." if told else ""
    )
    made = content["quality"]["generated"]
    clean = (
        f"Feet skate in {made['skating']['mean']:.1f} % of frames and slide {made['sliding']['mean']:.2f} cm a frame; jerk "
        f"{made['jerk']['mean']:.0f} m/s³."
    )
    how = f"{content['steps']} steps, guidance {content['guidance']:g}, {content['per_prompt']} motions of each prompt."
    return "\n".join([*lines, "", " ".join(filter(None, [apart, clean, how]))]), entries


def generation_table(content: dict[str, Any]) -> Table:
    """A line a metric, generated beside real."""
    metrics = content["metrics"]
    lines = ["| metric | generated | real |", "|---|---|---|"]
    entries = []
    for name, found in metrics["generated"].items():
        of_real = metrics["real"].get(name)
        lines.append(f"| {plain(name)} | {_spread(found)} | {'' if of_real is None else _spread(of_real)} |")
        entries.append((name, name, float(found["mean"])))
    return "\n".join([*lines, "", f"{content['items']} motions; mean ± 95 % of the repeats."]), entries


def _row(name: str, probe: str, found: dict[str, Any]) -> str:
    between = "" if found["low"] is None else f"{found['low']:.1f} to {found['high']:.1f}"
    return f"| {plain(name)} | {plain(probe)} | {found['prompts']} | {found['motions']} | {found['mean']:.1f} | {between} |"


def _spread(found: dict[str, Any]) -> str:
    return f"{found['mean']:.3f} ± {found['half_width']:.3f}"
