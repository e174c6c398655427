"""The pages that show commands, and the commands on them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "examples").glob("*.md"),
    ]
)


def code_lines(page: Path) -> list[str]:
    """Lines of indented and fenced shell code, continued ones joined."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    fenced = re.findall(r"```(?:bash|sh)\n(.*?)```", text, re.DOTALL)
    indented = re.findall(r"^ {4,}(\S.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return [line.strip() for line in [*indented, *"\n".join(fenced).splitlines()]]


PROGRAMS = (
    *("mate", "make", "python", "accelerate", "bash", "git", "pip", "nice", "du"),
    *("source", "hf", "uv"),
)


def shell_commands(page: Path) -> list[list[str]]:
    """Words of each command, comments and what is left out (…) taken away; `a && b` is two."""
    found = []
    for line in code_lines(page):
        words = [word for word in shlex.split(line.split("  #")[0], comments=True) if word != "…"]
        while words:
            cut = words.index("&&") if "&&" in words else len(words)
            command, words = words[:cut], words[cut + 1 :]
            if command and command[0] in PROGRAMS:
                found.append(command)
    return found


def mate_commands(page: Path) -> list[list[str]]:
    """`mate …` lines, and scripts of training/ as the command of the same work, without `mate`."""
    found = []
    for words in shell_commands(page):
        place = next((i for i, word in enumerate(words) if word.startswith("training/train")), None)
        if place is not None:
            found.append([Path(words[place]).stem.replace("_", "-"), *words[place + 1 :]])
        elif words[0] == "mate":
            found.append(words[1:])
    return found
