"""A string is text wherever it is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.table import Table

from mate_hf.errors import MateError
from mate_hf.utils import terminal
from mate_hf.utils.terminal import Terminal, keep_quiet, note, say_error

HOSTILE = "[/red]x[bold]y :smile: [link=http://z]\x1b[2J\x1b]0;pwned\x07"
SEEN = "[/red]x[bold]y :smile: [link=http://z]^[[2J^[]0;pwned^G"


def test_no_markup_is_read_and_no_control_character_printed(capfd: pytest.CaptureFixture[str]) -> None:
    console = Terminal()
    console.width = 400
    console.print(HOSTILE)
    console.print(HOSTILE, style="bold")
    table = Table("a", HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE, "b")
    console.print(table)
    out = capfd.readouterr().out
    assert out.count(SEEN) == 5
    assert "\x1b" not in out
    assert "\x07" not in out


def test_errors_and_notes_are_text_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    say_error(MateError(f"{HOSTILE}: not found.\nsecond line"))
    note(HOSTILE)
    said = capfd.readouterr()
    assert said.err == f"error: {SEEN}: not found.\nsecond line\nnote: {SEEN}\n"
    assert said.out == ""


def test_notes_are_kept_back_on_demand(capfd: pytest.CaptureFixture[str]) -> None:
    keep_quiet(True)
    note("a")
    keep_quiet(False)
    note("b")
    assert capfd.readouterr().err == "note: b\n"


def test_every_console_of_the_package_is_this_one() -> None:
    """A bare `rich` console would read markup in names."""
    house = Path(terminal.__file__).parents[1]
    files = [*house.rglob("*.py"), *(house / "training").resolve().rglob("*.py")]
    bare = [path.name for path in files if "Console(" in path.read_text() and path.name != "terminal.py"]
    assert not bare
    assert len(files) > 200
