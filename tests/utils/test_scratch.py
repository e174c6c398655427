"""Temporary folders go with their process, or with the next one; those of others stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.utils.scratch import LOCK, ScratchFolder, scratch_folder

LEAVE = """
import os, sys, time
from mate_hf.utils.scratch import ScratchFolder
scratch = ScratchFolder("push")
(scratch.path / "file").write_text("x")
print(scratch.path, flush=True)
time.sleep(60)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_folder_is_there_for_its_block(temporary: Path) -> None:
    with scratch_folder("evaluation") as folder:
        assert folder.parent == temporary
        assert folder.name.startswith("mate-evaluation-")
        (folder / "inner").mkdir()
    assert not list(temporary.iterdir())


def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(
    temporary: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    killed, living = (
        subprocess.Popen([sys.executable, "-c", LEAVE], stdout=subprocess.PIPE, text=True) for _ in range(2)
    )
    left, used = (Path((process.stdout or sys.stdin).readline().strip()) for process in (killed, living))
    killed.kill()
    killed.wait()
    with scratch_folder("localize"):
        assert not left.exists()
        assert (used / "file").is_file()
    assert "note: removed a temporary folder" in capfd.readouterr().err
    living.kill()
    living.wait()
    with scratch_folder("localize"):
        assert not used.exists()


def test_folders_of_others_stay(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    mine = ScratchFolder("push").path
    for name in ("mate-notes", "material", "mate-x/inner"):
        (temporary / name).mkdir(parents=True)
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / LOCK).write_text("")
    (temporary / "mate-link").symlink_to(elsewhere)
    of_another = temporary / "mate-theirs"
    of_another.mkdir()
    (of_another / LOCK).write_text("")
    with monkeypatch.context() as patch:
        patch.setattr("os.getuid", lambda: os.geteuid() + 1)
        with scratch_folder("push"):
            pass
    assert of_another.is_dir()
    before = {path.name for path in temporary.iterdir()} - {"mate-theirs"}
    with scratch_folder("push"):
        pass
    assert {path.name for path in temporary.iterdir()} == before
    assert "removed a temporary folder" in capfd.readouterr().err
    assert mine.is_dir()
    assert elsewhere.is_dir()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MateError, match=r"cannot keep the corpus in .*file"):
        ScratchFolder("corpus", "the corpus", tmp_path / "file")
