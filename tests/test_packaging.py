"""What is installed is whole: from a checkout with symlinks, and from one without them (Windows)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINKS = ("mate_hf/modeling", "mate_hf/training", "model_card.md")
BUILT_FROM = (
    "mate_hf",
    "modeling",
    "training",
    "pyproject.toml",
    "setup.py",
    "README.md",
    "LICENSE",
    "model_card.md",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a package is built from, apart from this one."""
    copied = tmp_path / "checkout"
    copied.mkdir()
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, copied / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, copied / name, follow_symlinks=False)
    return copied


def wheel(checkout: Path) -> set[str]:
    """The files of the wheel."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
    ]
    done = subprocess.run([*pip, checkout / "out", checkout], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    [built] = (checkout / "out").glob("*.whl")
    return set(zipfile.ZipFile(built).namelist())


@pytest.mark.parametrize("links", [True, False], ids=["symlinks", "no symlinks"])
def test_a_wheel_holds_every_module_and_file_of_the_package_and_nothing_global(
    checkout: Path, links: bool
) -> None:
    for name in LINKS:
        assert (checkout / name).is_symlink()
        if not links:
            # As git checks a link out where there are none.
            target = (checkout / name).readlink()
            (checkout / name).unlink()
            (checkout / name).write_text(str(target))
    files = wheel(checkout)
    modules = {
        f"mate_hf/{path.relative_to(ROOT / top)}" if top == "mate_hf" else f"mate_hf/{path.relative_to(ROOT)}"
        for top in ("mate_hf", "modeling", "training")
        for path in (ROOT / top).rglob("*.py")
    }
    data = {
        "mate_hf/py.typed",
        *(f"mate_hf/plotting/page/player.{ending}" for ending in ("html", "css", "js")),
        "mate_hf/hub/model_card.md",
        "mate_hf/hub/generator_card.md",
        "mate_hf/hub/space_card.md",
        "mate_hf/hub/space_app.py.jinja",
        "mate_hf/evaluation/obedience/prompts.jsonl",
        "mate_hf/evaluation/words/unseen_words.jsonl",
        "mate_hf/evaluation/words/general_sentences.txt",
        *(f"mate_hf/{path.relative_to(ROOT)}" for path in (ROOT / "training").rglob("*.yaml")),
    }
    assert len(data) > 10
    assert modules | data <= files
    assert {name.split("/")[0] for name in files if not name.startswith("mate_hf-")} == {"mate_hf"}
