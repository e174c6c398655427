"""Licences of what is installed with `mate-hf`, by package, as their makers say them: python -m benchmarks.licences [--out docs/licences.md]

Walks the requirements of pyproject.toml, extras too, through what is installed here, and names what is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Annotated

import typer

from mate_hf.utils.files import written_whole

PACKAGE = "mate-hf"
LONGEST = 60
"""Characters; some packages put the whole licence where its name belongs."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")

HEAD = """# Licences of dependencies

`mate-hf` itself is Apache-2.0 and ships none of these: `pip` installs them, each under its own licence. Made by `python -m
benchmarks.licences --out docs/licences.md` from what the packages say of themselves; no legal advice. Weights and data have licences of
their own: `mate push` asks for nothing that the base model's card does not say, and the card names it.

"""


@dataclass
class Found:
    """A package: its licence, and which extras of ours bring it; none of them where all installations have it."""

    version: str
    licence: str
    extras: set[str] = field(default_factory=set)


def licence_of(package: Distribution) -> str:
    """An SPDX expression, else the classifiers, else the free text."""
    known = package.metadata
    if "License-Expression" in known:
        return known["License-Expression"]
    classes = [
        line.rpartition("::")[2].strip()
        for line in known.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    said = known["License"].strip() if "License" in known else ""
    short = said.splitlines()[0][:LONGEST] if said else ""
    return ", ".join(name for name in classes if name != "OSI Approved") or short or "not said"


def needed(package: str = PACKAGE) -> tuple[dict[str, Found], set[str]]:
    """All packages that ours needs, by name, and those that are not installed here."""
    found: dict[str, Found] = {}
    absent: set[str] = set()
    waiting = [(name, extra) for name, extra in _requirements(distribution(package))]
    seen = set()
    while waiting:
        name, extra = waiting.pop()
        key = name.lower().replace("_", "-").replace(".", "-")
        if (key, extra) in seen or key == package:
            continue
        seen.add((key, extra))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            absent.add(key)
            continue
        entry = found.setdefault(key, Found(installed.version, licence_of(installed)))
        entry.extras.add(extra or "")
        # Extras of others are theirs to ask for.
        waiting += [(inner, extra) for inner, optional in _requirements(installed) if optional is None]
    return found, absent


def _requirements(package: Distribution) -> Iterator[tuple[str, str | None]]:
    """Name and extra of each requirement of this machine."""
    for line in package.requires or []:
        wish, _, marker = line.partition(";")
        name = NAME.match(wish.strip())
        extra = EXTRA.search(marker)
        if name is not None:
            yield name[0], extra[1] if extra else None


def table(found: dict[str, Found], absent: set[str]) -> str:
    """Markdown: what every installation has first, then what extras add."""
    always = sorted(name for name, entry in found.items() if "" in entry.extras)
    rest = sorted(set(found) - set(always))
    lines = ["| package | licence | comes with |", "|---|---|---|"]
    for name in [*always, *rest]:
        entry = found[name]
        who = "every installation" if name in always else ", ".join(sorted(entry.extras))
        lines.append(f"| {name} | {entry.licence.replace('|', '/')} | {who} |")
    if absent:
        lines += [
            "",
            f"Not installed where this was made, or for other systems: {', '.join(sorted(absent))}.",
        ]
    return "\n".join(lines) + "\n"


def main(
    out: Annotated[Path | None, typer.Option(help="Page to write; else the table is printed.")] = None,
) -> None:
    """Write the table."""
    page = HEAD + table(*needed())
    if out is None:
        print(page)
        return
    with written_whole(out) as fresh:
        fresh.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
