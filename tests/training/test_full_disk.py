"""A training whose disk fills up ends with a sentence; once there is room it goes on as if nothing had been."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest
import safetensors.torch
import torch
from safetensors.torch import load_file

from mate_hf.errors import MateError
from mate_hf.runs.folder import RunFolder
from mate_hf.training import checkpoint_files, checkpoints
from mate_hf.training.checkpoints import find_checkpoint, saved_checkpoints
from mate_hf.utils import files
from tests.cli.test_full_disk import fill, small_disk
from tests.training.conftest import Run

__all__ = ["small_disk"]

STEPS = {"epochs": 2, "checkpoint_steps": 1, "keep_checkpoints": 2, "log_steps": 1}


def full(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def rust_is_full(*_: object, **__: object) -> NoReturn:
    raise safetensors.SafetensorError(
        "Error while serializing: I/O error: No space left on device (os error 28)"
    )


PLACES = {
    "weights": (checkpoint_files, "save_model", rust_is_full),
    "moments": (checkpoint_files, "save_file", rust_is_full),
    "state": (checkpoint_files, "_write_json", full),
    "in the end": (checkpoint_files, "flush", full),
    "the name": (checkpoints, "_put_in_place", full),
    "records": (Path, "open", full),
}


def as_undisturbed(one: Path, other: Path) -> None:
    """The same models, losses and validations."""
    for part in ("best", "last"):
        first, second = (load_file(run / part / "model.safetensors") for run in (one, other))
        assert first.keys() == second.keys()
        assert all(torch.equal(first[name], second[name]) for name in first)
    assert (one / "log.jsonl").read_text() == (other / "log.jsonl").read_text()
    histories = [json.loads((run / "results.json").read_text())["history"] for run in (one, other)]
    assert histories[0] == histories[1]


@pytest.fixture(scope="module")
def whole(train: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    train(folder := tmp_path_factory.mktemp("whole") / "run", **STEPS)
    return folder


@pytest.mark.parametrize("where", PLACES)
def test_it_ends_with_a_sentence_and_goes_on_exactly(
    run: Run, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    module, name, how = PLACES[where]
    out = tmp_path / "run"
    run(out, **STEPS, max_steps=2)
    shutil.copytree(out / "checkpoints", tmp_path / "before")
    real = Path.open
    with monkeypatch.context() as patched:
        if where == "records":

            def opened(path: Path, mode: str = "r", *given: object, **named: object) -> object:
                return (
                    full() if path.name == "log.jsonl" and mode == "a" else real(path, mode, *given, **named)
                )

            patched.setattr(Path, "open", opened)
        else:
            patched.setattr(module, name, how)
        with pytest.raises(MateError) as told:
            run(out, **STEPS, resume="last")
    line = str(told.value)
    assert "\n" not in line
    what = "log.jsonl" if where == "records" else f"checkpoint {out}/checkpoints/step_00000003"
    assert f"{what} could not be written: No space left on device." in line
    assert "Earlier checkpoints are whole: continue with --resume last. Free some room there" in line
    assert sorted(path.name for path in (out / "checkpoints").iterdir()) == ["step_00000001", "step_00000002"]
    assert find_checkpoint(RunFolder(out), "last", pytest.fail) == out / "checkpoints" / "step_00000002"
    for file in (tmp_path / "before").rglob("*.*"):
        assert (out / "checkpoints" / file.relative_to(tmp_path / "before")).read_bytes() == file.read_bytes()
    assert run(out, **STEPS, resume="last")["steps"] == 4
    as_undisturbed(whole, out)


def test_one_that_stood_at_the_same_step_comes_back(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "run", **STEPS, max_steps=1)
    folder = tmp_path / "run" / "checkpoints" / "step_00000001"
    fresh = folder.with_name(".step_00000001")
    shutil.copytree(folder, fresh)
    rename = os.rename

    def refused(source: Path, target: Path) -> None:
        if source == fresh:
            full()
        rename(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", refused)
        with pytest.raises(OSError, match="No space"):
            checkpoints._put_in_place(fresh, folder)
    assert saved_checkpoints(RunFolder(tmp_path / "run")) == [folder]
    assert checkpoint_files.breach(folder) is None


def test_a_model_that_finds_no_room_leaves_the_one_before(
    run: Run, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    run(out, **STEPS, max_steps=2)
    before = (out / "best" / "model.safetensors").read_bytes()

    def of_models(fresh: Path) -> None:
        if fresh.name in ("best", "last"):
            full()

    with monkeypatch.context() as patched:
        patched.setattr(files, "flush", of_models)
        with pytest.raises(MateError, match=r"writing .*run/(best|last) failed: No space"):
            run(out, **STEPS, resume="last")
    assert (out / "best" / "model.safetensors").read_bytes() == before
    assert run(out, **STEPS, resume="last")["steps"] == 4
    as_undisturbed(whole, out)


@pytest.fixture
def room(small_disk: Path) -> Path:
    """A disk on which a tiny run has room for less than all of it."""
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    return small_disk


@pytest.mark.slow
@pytest.mark.parametrize("report_to", ["none", "tensorboard"])
def test_a_disk_that_fills_up(run: Run, whole: Path, room: Path, tmp_path: Path, report_to: str) -> None:
    settings = STEPS if report_to == "none" else {**STEPS, "report_to": report_to}
    out = room / "run"
    run(out, **settings, max_steps=2)
    filler = fill(room)
    with pytest.raises(MateError, match="No space left on device") as told:
        run(out, **settings, resume="last")
    assert "\n" not in str(told.value)
    filler.unlink()
    assert run(out, **settings, resume="last")["steps"] == 4
    as_undisturbed(whole, out)
