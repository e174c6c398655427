"""MkDocs hook: a page for each part of the package, with the docstrings of every public module in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

PACKAGE = Path(__file__).parents[1] / "mate_hf"
WITHOUT_API = ("cli",)
"""Parts that nobody calls from Python."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages behind the others."""
    assert config.nav is not None
    config.nav.append({"API": [{name: f"api/{name}.md"} for name in _pages()]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, which no file holds."""
    for name, content in _pages().items():
        files.append(File.generated(config, f"api/{name}.md", content=content))
    return files


def _pages() -> dict[str, str]:
    rooms = sorted(
        path.parent for path in PACKAGE.glob("*/__init__.py") if path.parent.name not in WITHOUT_API
    )
    top = [PACKAGE / "__init__.py", PACKAGE / "errors.py"]
    return {"mate_hf": _page("mate_hf", top)} | {
        room.name: _page(room.name, _modules(room)) for room in rooms
    }


def _modules(room: Path) -> Iterator[Path]:
    for path in sorted(room.rglob("*.py")):
        own = path.relative_to(room)
        if not any(part.startswith("_") for part in own.parts if part != "__init__.py"):
            yield path


def _page(title: str, paths: Iterator[Path] | list[Path]) -> str:
    # An empty package says nothing, and one that only hands on what its modules define says it twice.
    modules = [
        path for path in paths if path.name != "__init__.py" or path.parent == PACKAGE or _docstring(path)
    ]
    return "\n\n".join([f"# {title}", *(_entry(path) for path in modules), ""])


def _entry(path: Path) -> str:
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    if path.name == "__init__.py":
        name = name.removesuffix(".__init__")
        if path.parent != PACKAGE:
            return f"::: {name}\n    options:\n      members: false"
    return f"::: {name}"


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
