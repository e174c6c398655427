"""Every command in README, docs and examples exists, with the options that it is given; every link leads somewhere."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path

import pytest

import mate_hf
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.evaluator_arguments import EvaluatorArguments
from mate_hf.training.generator_arguments import GeneratorArguments
from mate_hf.training.masked_arguments import MaskedArguments
from mate_hf.training.parsing import make_parser
from mate_hf.training.retrieval_arguments import RetrievalArguments
from mate_hf.training.vq_arguments import VQArguments
from tests.test_public_api import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "examples").glob("*.md"),
    ]
)
SCRIPTS = {
    "train": TrainArguments,
    "train-retrieval": RetrievalArguments,
    "train-evaluator": EvaluatorArguments,
    "train-generator": GeneratorArguments,
    "train-vq": VQArguments,
    "train-masked": MaskedArguments,
}
CALL = re.compile(r"`(mate_hf\.[^`]+)`")


def code_lines(page: Path) -> list[str]:
    """Lines of indented and fenced shell code, continued ones joined."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    fenced = re.findall(r"```(?:bash|sh)\n(.*?)```", text, re.DOTALL)
    indented = re.findall(r"^ {4,}(\S.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return [line.strip() for line in [*indented, *"\n".join(fenced).splitlines()]]


def commands(page: Path) -> list[list[str]]:
    """`mate …` lines, and scripts of training/ as the command of the same work."""
    found = []
    for line in code_lines(page):
        words = [word for word in shlex.split(line.split("  #")[0], comments=True) if word != "…"]
        if "training/train.py" in words or any(word.startswith("training/train_") for word in words):
            place = next(i for i, word in enumerate(words) if word.startswith("training/train"))
            name = Path(words[place]).stem.replace("_", "-")
            found.append([name, *words[place + 1 :]])
        elif words[:1] == ["mate"]:
            found.append(words[1:])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist_with_their_options(page: Path) -> None:
    for name, *rest in commands(page):
        flags = [word.split("=")[0] for word in rest if word.startswith("--")]
        if name in SCRIPTS:
            known = {
                option
                for action in make_parser(SCRIPTS[name].parts())._actions
                for option in action.option_strings
            }
            known.add("--preset")
        else:
            whole = f"{name}_{rest[0]}" if name in ("evaluate", "plot") else name.replace("-", "_")
            known = {
                f"--{parameter.replace('_', '-')}"
                for parameter in inspect.signature(COMMANDS[whole]).parameters
            }
        assert set(flags) <= known, (name, rest)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:", "api/")):
            assert (page.parent / target).exists(), target


def test_the_page_on_python_has_every_public_name() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in set(mate_hf.__all__) - {"__version__", "MateError", "Corpus", "Split"}:
        assert re.search(rf"`(?:mate_hf\.)?{name}\b", page), name
    for call in CALL.findall(page):
        assert hasattr(mate_hf, call.removeprefix("mate_hf.").partition("(")[0].partition(".")[0]), call
