"""A process that is ended loses nothing and leaves nothing for ever; two at once do not mix."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mate_hf.errors import MateError
from mate_hf.utils import locks, nests
from mate_hf.utils.files import written_whole
from mate_hf.utils.locks import FOREVER
from mate_hf.utils.nests import clear_nests, heal, nest_of
from tests.utils.processes import killed_when_renaming, run_python, signalled_at, write_folder


def content(folder: Path) -> str:
    return (folder / "file").read_text()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that stands already."""
    with written_whole(tmp_path / "out") as fresh:
        fresh.mkdir()
        (fresh / "file").write_text("old")
    assert names(tmp_path) == ["out"]
    return tmp_path / "out"


def killed_between_the_renames(out: Path) -> None:
    killed_when_renaming(write_folder(out, "new"), f"new/{out.name}", source=True)
    assert names(out.parent) == [".out.writing"]


def test_a_kill_between_two_renames_is_healed_by_the_next_writer(
    out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    killed_between_the_renames(out)
    with pytest.raises(MateError, match="exists already"), written_whole(out, overwrite=False):
        pytest.fail("it stands, so no work should be done")
    assert content(out) == "old"
    assert f"note: {out} is back" in capfd.readouterr().err
    assert names(out.parent) == ["out"]


def test_a_kill_between_two_renames_is_healed_by_a_reader(out: Path) -> None:
    killed_between_the_renames(out)
    heal(out)
    assert content(out) == "old"
    assert names(out.parent) == ["out"]


def test_the_new_one_is_written_where_the_old_one_was_put_back(out: Path) -> None:
    killed_between_the_renames(out)
    assert run_python(write_folder(out, "newest")).returncode == 0
    assert content(out) == "newest"
    assert names(out.parent) == ["out"]


def test_half_of_a_new_one_is_cleared_away_and_said(out: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        killed_when_renaming(write_folder(out, "new"), "replaced/out")
        assert names(out.parent) == [".out.writing", "out"]
    with written_whole(out) as fresh:
        fresh.mkdir()
    assert "note: cleared away" in capfd.readouterr().err
    assert names(out.parent) == ["out"]
    assert names(out) == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_between_two_renames_is_answered_after_both(out: Path, number: int, status: int) -> None:
    done = signalled_at("os.rename", f"new/{out.name}", write_folder(out, "new"), number)
    assert done.returncode == status, done.stderr
    assert content(out) == "new"
    assert names(out.parent) == ["out"]


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (signal.SIGTERM, signal.SIGTERM, 143),
        (signal.SIGINT, signal.SIGINT, 130),
        (signal.SIGTERM, signal.SIGINT, 130),
        (signal.SIGHUP, signal.SIGTERM, 129),
    ],
)
def test_whoever_asks_twice_for_an_end_leaves_nothing_behind(
    out: Path, first: int, second: int, status: int
) -> None:
    """As `timeout` does, and who is impatient."""
    asks = f"    import os; os.kill(os.getpid(), {int(first)})\n"
    done = signalled_at("shutil.rmtree", "/new", write_folder(out, "new") + asks, second)
    assert done.returncode == status, done.stderr
    assert done.stderr.startswith("error: stopped by ")
    assert content(out) == "old"
    assert names(out.parent) == ["out"]


def test_what_was_replaced_never_comes_back_in_part(out: Path) -> None:
    """Killed while the old one is removed, when the new one stands; then the user takes the new one away."""
    killed_when_renaming(write_folder(out, "new"), "/scrap")
    assert content(out) == "new"
    half = out.with_name(".out.writing")
    code = f"from mate_hf.utils.nests import _clear; from pathlib import Path; import shutil; shutil.rmtree = lambda *a, **k: None; _clear(Path({str(half)!r}))"
    assert run_python(code).returncode == 0
    out.rename(out.with_name("moved"))
    heal(out)
    assert not out.exists()


def test_a_reader_leaves_a_writer_that_lives_alone(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nests, "GRACE", 0.1)
    with nest_of(out) as nest:
        os.rename(out, nest.old)
        heal(out)
        assert not out.exists()
        os.rename(nest.old, out)
    assert content(out) == "old"


def test_the_second_of_two_writers_is_refused_and_told_of_the_first(out: Path) -> None:
    with (
        nest_of(out),
        pytest.raises(MateError, match=rf"{out} is being written by process {os.getpid()} of"),
        nest_of(out, wait=0.1),
    ):
        pass
    assert names(out.parent) == ["out"]


def test_of_two_that_write_anew_one_fails(tmp_path: Path) -> None:
    code = f"""
import time
from mate_hf.errors import MateError
from mate_hf.utils.files import written_whole
try:
    with written_whole({str(tmp_path / "out")!r}, overwrite=False) as fresh:
        fresh.mkdir()
        time.sleep({{}})
except MateError as error:
    raise SystemExit(str(error))
"""
    # One within the second's patience, and one beyond it.
    for seconds, said in ((0.5, "exists already"), (4, "is being written by process")):
        programs = [
            subprocess.Popen([sys.executable, "-c", code.format(seconds)], stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said_by = [program.communicate(timeout=60)[1] for program in programs]
        assert sorted(program.returncode for program in programs) == [0, 1]
        assert said in "".join(said_by)
        assert names(tmp_path) == ["out"]
        (tmp_path / "out").rmdir()


def test_what_appears_meanwhile_is_not_replaced_unasked(tmp_path: Path) -> None:
    def write(target: Path, overwrite: bool) -> None:
        with written_whole(target, overwrite) as fresh:
            fresh.write_text("ours")
            target.write_text("somebody else's")

    with pytest.raises(MateError, match="exists already"):
        write(tmp_path / "a", overwrite=False)
    assert (tmp_path / "a").read_text() == "somebody else's"
    write(tmp_path / "b", overwrite=True)
    assert (tmp_path / "b").read_text() == "ours"


def test_who_waits_comes_after_and_is_never_mixed_in(tmp_path: Path) -> None:
    order = []

    def write(name: str, seconds: float) -> None:
        with (
            nest_of(tmp_path / "out", wait=FOREVER) as nest,
            written_whole(tmp_path / "out", nest=nest) as fresh,
        ):
            order.append(name)
            fresh.write_text(name)
            time.sleep(seconds)
            order.append(name)

    threads = [threading.Thread(target=write, args=(str(number), 0.05)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [order[place] for place in range(0, 12, 2)] == [order[place] for place in range(1, 12, 2)]
    assert (tmp_path / "out").read_text() == order[-1]
    assert names(tmp_path) == ["out"]


def test_a_whole_folder_is_rid_of_what_was_left_but_not_of_what_is_being_written(out: Path) -> None:
    other, third = out.with_name("other"), out.with_name("third")
    for left in (out, other):
        (left.with_name(f".{left.name}.writing") / "new").mkdir(parents=True)
    third.with_name(".third.writing").mkdir()
    (third.with_name(".third.writing") / "lock").touch()
    with nest_of(other):
        clear_nests(out.parent)
        assert names(out.parent) == [".other.writing", "out"]
    clear_nests(out.parent)
    assert names(out.parent) == ["out"]


def test_without_locks_it_is_said_that_nobody_is_kept_out(
    out: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    nests._say_that_nobody_is_kept_out.cache_clear()
    with written_whole(out) as first, written_whole(out) as second:
        for fresh, text in ((first, "first"), (second, "second")):
            fresh.mkdir()
            (fresh / "file").write_text(text)
    assert content(out) == "first"
    assert capfd.readouterr().err.count("no file locks") == 1
    assert names(out.parent) == ["out"]


def test_a_nest_that_somebody_laid_as_a_link_is_not_entered(out: Path) -> None:
    mine = out.with_name("mine")
    mine.mkdir()
    (mine / "thesis").write_text("")
    out.with_name(".out.writing").symlink_to(mine)
    with pytest.raises(MateError, match="is a link"), written_whole(out):
        pass
    assert names(mine) == ["thesis"]


def as_user(number: int, work: Callable[[], None]) -> int:
    """A process of another user; its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgid(number)
            os.setuid(number)
            work()
            code = 0
        finally:
            os._exit(code)
    return child


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be two users")
def test_another_users_writer_is_waited_for_and_what_it_left_is_said(tmp_path: Path) -> None:
    # Above it lie folders of pytest that are this user's alone.
    with TemporaryDirectory(dir="/tmp") as place:
        Path(place).chmod(0o777)
        out, began = Path(place) / "out", Path(place) / "began"

        def write() -> None:
            with written_whole(out) as fresh:
                began.touch()
                time.sleep(0.5)
                fresh.write_text("theirs")

        def wait() -> None:
            with nest_of(out, wait=60):
                assert out.read_text() == "theirs"

        def be_killed() -> None:
            with nest_of(out):
                os.kill(os.getpid(), signal.SIGKILL)

        def refused() -> None:
            with (
                pytest.raises(MateError, match=r"out\.writing is another user's, whose process was ended"),
                nest_of(out),
            ):
                pass
            clear_nests(Path(place))

        first = as_user(1000, write)
        while not began.exists():
            time.sleep(0.01)
        second = as_user(1001, wait)
        assert [os.waitpid(child, 0)[1] for child in (first, second)] == [0, 0]
        os.waitpid(as_user(1000, be_killed), 0)
        assert os.waitpid(as_user(1001, refused), 0)[1] == 0
        assert ".out.writing" in names(Path(place))


def test_a_file_where_a_nest_would_be_is_named(out: Path) -> None:
    out.with_name(".out.writing").touch()
    with pytest.raises(MateError, match=r"out\.writing is no folder.*Remove it"), written_whole(out):
        pass


@pytest.mark.parametrize("name", [".writing", "..writing", "...writing", "....writing"])
def test_hidden_folders_that_are_nobodys_nests_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name / "new").mkdir(parents=True)
    clear_nests(tmp_path)
    assert names(tmp_path / name) == ["new"]


@pytest.mark.parametrize("name", ["lock", "new", "replaced", "scratch", "rows", "a.b"])
def test_no_name_is_in_its_own_way(tmp_path: Path, name: str) -> None:
    for text in ("one", "two"):
        with written_whole(tmp_path / name) as fresh:
            fresh.mkdir()
            (fresh / "file").write_text(text)
    assert content(tmp_path / name) == "two"
    assert names(tmp_path) == [name]


def test_here_and_above_have_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "inner")
    for path in (".", "..", Path("..") / ".." / "here"):
        with nest_of(path) as nest:
            assert nest.target.samefile(path)
            assert nest.target.name not in ("", "..")
    with pytest.raises(MateError, match="root of the file system"), nest_of("/"):
        pass


@pytest.mark.parametrize("name", ["x" * 241, "é" * 121, "x" * 5000])
def test_a_name_with_no_room_for_a_nest_beside_it_is_refused_in_a_line(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(MateError, match=r"a name of \d+ bytes; expected at most 240") as refused,
        nest_of(tmp_path / name),
    ):
        pass
    assert len(str(refused.value)) < 200
    heal(tmp_path / name)
    with nest_of(tmp_path / ("x" * 240)):
        pass
    assert not names(tmp_path)


def test_a_name_with_a_null_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MateError, match="holds a null character"), nest_of(tmp_path / "a\0b"):
        pass
