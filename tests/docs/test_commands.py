"""Every command in README, docs and examples exists, with the options that it is given; every link leads to its heading.

`test_commands_run.py` runs those of `mate`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import typer

import mate_hf
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.evaluator_arguments import EvaluatorArguments
from mate_hf.training.generator_arguments import GeneratorArguments
from mate_hf.training.masked_arguments import MaskedArguments
from mate_hf.training.parsing import make_parser
from mate_hf.training.retrieval_arguments import RetrievalArguments
from mate_hf.training.vq_arguments import VQArguments
from tests.docs.pages import PAGES, ROOT, mate_commands, shell_commands
from tests.test_public_api import COMMANDS

SCRIPTS = {
    "train": TrainArguments,
    "train-retrieval": RetrievalArguments,
    "train-evaluator": EvaluatorArguments,
    "train-generator": GeneratorArguments,
    "train-vq": VQArguments,
    "train-masked": MaskedArguments,
}
CALL = re.compile(r"`(mate_hf\.[^`]+)`")


each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@cache
def options_of_script(name: str) -> frozenset[str]:
    """Of a training."""
    actions = make_parser(SCRIPTS[name].parts())._actions
    return frozenset({"--preset", *(option for action in actions for option in action.option_strings)})


def options_of(call: Callable[..., None]) -> set[str]:
    """Of a command that Typer makes of a function."""
    app = typer.Typer()
    app.command()(call)
    return {option for parameter in typer.main.get_command(app).params for option in parameter.opts}


def require_options(name: str, *rest: str) -> None:
    """A command of `mate` exists, with the options that it is given."""
    flags = {word.split("=")[0] for word in rest if word.startswith("--")}
    if name in SCRIPTS:
        known = {*options_of_script(name)}
    else:
        whole = f"{name}_{rest[0]}" if name in ("evaluate", "plot") else name.replace("-", "_")
        known = options_of(COMMANDS[whole])
    assert flags - {"--help"} <= known, (name, rest)


@each_page
def test_commands_exist_with_their_options(page: Path) -> None:
    for words in mate_commands(page):
        require_options(*words)


@each_page
def test_commands_in_sentences_exist_with_their_options(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for said in re.findall(r"(?<!`)`mate ([^`]+)`(?!`)", text):
        # What may be left out, and what stands for other words.
        words = re.sub(r"[][…]|\\\|[^ ]*", " ", said).split()
        group = words[:1] == ["evaluate"] or words[:1] == ["plot"]
        named = words[:2] if group else words[:1]
        if len(named) == 1 + group and all(re.fullmatch(r"[a-z-]+", word) for word in named):
            require_options(*words)


@each_page
def test_measurements_exist_with_their_options(page: Path) -> None:
    for words in shell_commands(page):
        module = next((word for word in words if word.startswith("benchmarks.")), None)
        if module is not None:
            flags = {word.strip("[]") for word in words if word.strip("[").startswith("--")}
            assert flags <= options_of(importlib.import_module(module).main), words
        for word in words:
            if word.startswith(("benchmarks/", "examples/", "tests/", "training/")):
                assert (ROOT / word).exists(), words


@each_page
def test_targets_of_make_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for words in shell_commands(page):
        if words[0] == "make":
            assert {word for word in words[1:] if "=" not in word} <= targets, words


def anchors(page: Path) -> set[str]:
    """Names of a page's headings, as GitHub and mkdocs make them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = [
        re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title)
        for title in re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    ]
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:", "api/")):
            continue
        path, _, anchor = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), target


def test_the_page_on_python_has_every_public_name() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in set(mate_hf.__all__) - {"__version__", "MateError", "Corpus", "Split"}:
        assert re.search(rf"`(?:mate_hf\.)?{name}\b", page), name
    for call in CALL.findall(page):
        assert hasattr(mate_hf, call.removeprefix("mate_hf.").partition("(")[0].partition(".")[0]), call
