"""docs/method.md leads to code that is there: every path, name, default and command in it, and no equation left out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from mate_hf.cli import app
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.generator_arguments import GeneratorAlignmentArguments
from mate_hf.training.retrieval_arguments import RetrievalArguments

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
CONFIGS = "training/configs"
REFERENCE = re.compile(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|yaml))(?:::([^`]+))?`")
SETTING = re.compile(r"`([a-z]\w*): ([^`]+)`")


def section(title: str) -> str:
    """From a heading `## title…` to the next."""
    return next(part for part in re.split(r"^## ", TEXT, flags=re.MULTILINE) if part.startswith(title))


@cache
def python_names(path: str) -> frozenset[str]:
    """What a module defines, and `Class.name` for what stands in its classes."""
    return frozenset(_defined(ast.parse((ROOT / path).read_text(encoding="utf-8")).body))


def _defined(body: Iterable[ast.stmt], prefix: str = "") -> Iterable[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield prefix + name
            case ast.ClassDef(name=name, body=inner):
                yield prefix + name
                yield from _defined(inner, f"{prefix}{name}.")
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name
            case ast.Assign(targets=targets):
                for target in targets:
                    names = target.elts if isinstance(target, ast.Tuple) else [target]
                    yield from (prefix + each.id for each in names if isinstance(each, ast.Name))


@cache
def yaml_names(path: str) -> frozenset[str]:
    """Keys of a YAML file; of a plan its arms and the titles of its tables too."""
    content = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    titles = (table["title"] for table in content.get("tables", ()))
    return frozenset([*content, *content.get("arms", ()), *titles])


def defaults() -> dict[str, list[Any]]:
    """Every option of train.py and train_retrieval.py, and of a generator's alignment, with its defaults."""
    known: dict[str, list[Any]] = {}
    for group in (*TrainArguments.parts(), *RetrievalArguments.parts(), GeneratorAlignmentArguments):
        for option in fields(group):
            if option.default is not MISSING:
                known.setdefault(option.name, []).append(option.default)
    return known


def value(written: str) -> Any:
    """As YAML, where 1e-4 is a number too."""
    try:
        return float(written)
    except ValueError:
        return yaml.safe_load(written)


def config(name: str) -> dict[str, Any]:
    content = yaml.safe_load((ROOT / CONFIGS / name).read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize(("path", "name"), sorted(set(REFERENCE.findall(TEXT))))
def test_every_reference_leads_somewhere(path: str, name: str) -> None:
    assert (ROOT / path).is_file(), f"{path} is not there"
    if name:
        known = python_names(path) if path.endswith(".py") else yaml_names(path)
        assert name in known, f"{path} defines no {name}"


def test_references_are_found_at_all() -> None:
    assert len(REFERENCE.findall(TEXT)) > 80
    assert not re.search(r"`[^`\s]*::(?![^`]+`)", TEXT)
    cited = re.findall(r"`([^`]*::[^`]*)`", TEXT)
    assert [text for text in cited if not REFERENCE.fullmatch(f"`{text}`")] == []


def test_every_equation_of_mate_is_there() -> None:
    numbers = re.findall(r"^\| Eq\. (\d+) \|", section("MATE: equations"), flags=re.MULTILINE)
    assert sorted(map(int, numbers)) == list(range(1, 9))
    assert "L_cross" in section("MATE: equations")


@pytest.mark.parametrize(
    ("title", "kind", "last"), [("MATE: tables", "Table", 14), ("MATE: figures", "Fig.", 11)]
)
def test_every_table_and_figure_of_mate_is_there(title: str, kind: str, last: int) -> None:
    numbers = re.findall(rf"^\| {re.escape(kind)} (\d+) \|", section(title), flags=re.MULTILINE)
    assert list(map(int, numbers)) == list(range(1, last + 1))


def test_every_equation_and_table_of_atm_is_there() -> None:
    own = section("ATM")
    assert list(map(int, re.findall(r"^\| Eq\. (\d+) \|", own, flags=re.MULTILINE))) == list(range(1, 12))
    heads = [row.split("|")[1] for row in own.splitlines() if row.startswith(("| Table", "| Fig"))]
    tables = {int(n) for head in heads if "Table" in head for n in re.findall(r"\d+", head)}
    figures = {int(n) for head in heads if "Fig." in head for n in re.findall(r"\d+", head)}
    assert tables == set(range(1, 9))
    assert figures == {6, 7, 8, 9}


@pytest.mark.parametrize("title", ["MATE: equations", "MATE: tables", "MATE: figures", "ATM"])
def test_every_row_says_where_or_that_it_is_missing(title: str) -> None:
    rows = [row for row in section(title).splitlines() if row.startswith(("| Eq", "| Table", "| Fig"))]
    for row in rows:
        assert "not here yet" in row or "`" in row, row


def test_fields_have_the_defaults_that_are_told() -> None:
    known = defaults()
    told = SETTING.findall(section("What the papers do not say"))
    assert len(told) > 20
    for name, written in told:
        assert value(written) in known.get(name, []), f"{name}: {written}, the default is {known.get(name)}"


def test_the_alignment_module_is_set_as_told() -> None:
    settings = config("retrieval_atm.yaml")
    told = SETTING.findall(section("ATM"))
    assert len(told) > 5
    for name, written in told:
        assert settings[name] == value(written), name


def test_the_quickstart_is_set_as_told() -> None:
    settings = config("quickstart.yaml")
    told = dict(SETTING.findall(section("The quickstart's configuration")))
    for name, written in told.items():
        assert settings[name] == value(written), name
    known = defaults()
    unlike = {name for name, setting in settings.items() if setting not in known[name]}
    assert unlike - {"log_steps"} <= told.keys(), "settings of quickstart.yaml that method.md does not tell"


def test_every_command_is_one() -> None:
    command = typer.main.get_command(app)
    for words in re.findall(r"`mate ([a-z-]+(?: [a-z-]+)?)", TEXT):
        first, _, second = words.partition(" ")
        assert first in command.commands, first
        if first == "evaluate":
            assert second in command.commands["evaluate"].commands, words
