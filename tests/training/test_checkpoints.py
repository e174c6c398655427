"""A checkpoint is whole or passed over, and nothing in it can run."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from mate_hf.errors import MateError
from mate_hf.runs.folder import RunFolder
from mate_hf.training import checkpoint_files
from mate_hf.training.checkpoints import find_checkpoint, saved_checkpoints
from mate_hf.training.run_state import random_state, restore_random_state
from tests.test_version_0_1 import OLD
from tests.training.conftest import Run

STEPS = {"epochs": 2, "checkpoint_steps": 1, "keep_checkpoints": 9}


class Planted:
    """What runs where a pickle is opened without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


@pytest.fixture(scope="module")
def stopped_once(train: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    train(folder := tmp_path_factory.mktemp("stopped") / "run", **STEPS, max_steps=3)
    return folder


@pytest.fixture
def stopped(stopped_once: Path, tmp_path: Path) -> Path:
    """A run stopped at step 3 of 4, with its three checkpoints."""
    return Path(shutil.copytree(stopped_once, tmp_path / "run"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_it_holds_tensors_and_json_alone(stopped: Path) -> None:
    files = [path for path in (stopped / "checkpoints").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".safetensors", ".json"}
    for path in files:
        load_file(path) if path.suffix == ".safetensors" else json.loads(path.read_text())


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink], ids=["cut", "flipped", "missing"])
@pytest.mark.parametrize(
    "name", ["model.safetensors", "optimizer.safetensors", "state.json", "random_0.json", "whole.json"]
)
def test_a_damaged_last_one_is_named_and_the_one_before_it_used(
    run: Run, stopped: Path, capfd: pytest.CaptureFixture[str], name: str, damage: Any
) -> None:
    damage(stopped / "checkpoints" / "step_00000003" / name)
    # A list of files with one wrong letter names a file that is not there.
    named = "is missing|is damaged|cannot be read" if name == "whole.json" else name
    with pytest.raises(MateError, match=rf"step_00000003.*({named}).*last whole one is step_00000002"):
        run(stopped, **STEPS, resume="step_00000003")
    capfd.readouterr()
    assert run(stopped, **STEPS, resume="last")["steps"] == 4
    said = capfd.readouterr().err
    assert "step_00000003 is passed over" in said
    assert "going on from" in said
    assert "step_00000002, step 2 of 4" in said


def test_one_that_is_being_written_or_was_never_finished_is_not_taken(run: Run, stopped: Path) -> None:
    folder = stopped / "checkpoints"
    shutil.copytree(folder / "step_00000003", folder / ".step_00000009")
    shutil.copytree(folder / "step_00000003", folder / "step_00000008")
    (folder / "step_00000008" / "whole.json").unlink()
    assert run(stopped, **STEPS, resume="last")["steps"] == 4


def test_with_none_whole_nothing_is_touched(run: Run, stopped: Path) -> None:
    for path in (stopped / "checkpoints").rglob("model.safetensors"):
        cut(path)
    before = (stopped / "config.yaml").read_bytes()
    with pytest.raises(MateError, match="none of the checkpoints"):
        run(stopped, **STEPS, resume="last")
    assert (stopped / "config.yaml").read_bytes() == before


@pytest.mark.parametrize("which", ["../..", "/etc", "step_00000099", "../checkpoints/step_00000003/.."])
def test_only_a_checkpoint_of_the_run_is_opened(run: Run, stopped: Path, which: str) -> None:
    with pytest.raises(
        MateError, match=r"resume: no checkpoint .* holds: step_00000001, step_00000002, step_00000003"
    ):
        run(stopped, **STEPS, resume=which)


def test_a_mark_that_leads_out_of_the_folder_is_no_mark(stopped: Path) -> None:
    folder = stopped / "checkpoints" / "step_00000003"
    known = json.loads((folder / "whole.json").read_text())
    (folder / "whole.json").write_text(
        json.dumps(known | {"../step_00000002/state.json": known["state.json"]})
    )
    assert checkpoint_files.breach(folder) == "../step_00000002/state.json is missing"


@pytest.mark.parametrize("name", ["custom_checkpoint_0.pkl", "random_states_0.pkl", "optimizer.bin"])
def test_a_pickle_of_version_0_1_is_read_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    from mate_hf.training import train

    shutil.copytree(OLD, tmp_path / "old_format")
    monkeypatch.chdir(tmp_path)
    [checkpoint] = (tmp_path / "old_format" / "mate" / "checkpoints").iterdir()
    torch.save(Planted(tmp_path / "ran"), checkpoint / name)
    flags = ["--config", "old_format/mate/config.yaml", "--max_steps", "2", "--output_dir", "old_format/mate"]
    with pytest.raises(SystemExit):
        train.main([*flags, "--resume", "last"])
    assert "none of the checkpoints" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


def test_random_numbers_go_on_as_they_would_have() -> None:
    import random

    state = json.loads(json.dumps(random_state()[1]))
    tensors = random_state()[0]
    np.random.normal()
    drawn = [random.random(), np.random.normal(), float(torch.rand(()))]
    restore_random_state(tensors, state)
    np.random.normal()
    assert [random.random(), np.random.normal(), float(torch.rand(()))] == drawn


@pytest.mark.parametrize("epochs", [1, 2])
def test_weights_that_an_update_broke_are_not_saved(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epochs: int
) -> None:
    step = torch.optim.AdamW.step

    def breaks(self: torch.optim.AdamW, *given: Any, **named: Any) -> Any:
        done = step(self, *given, **named)
        breaks.count += 1  # type: ignore[attr-defined]
        if breaks.count == 2 * epochs:  # type: ignore[attr-defined]
            self.param_groups[-1]["params"][0].data.fill_(torch.nan)
        return done

    breaks.count = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(torch.optim.AdamW, "step", breaks)
    with pytest.raises(
        MateError, match=rf"step {2 * epochs}: weights of .* are not finite.*nothing of it was saved"
    ):
        run(tmp_path, epochs=epochs)
    kept = [path.name for path in (tmp_path / "checkpoints").iterdir()]
    assert kept == (["step_00000002"] if epochs == 2 else [])
    assert not (tmp_path / "last").exists()


def test_one_that_was_whole_when_its_process_was_killed_is_gone_on_with(run: Run, tmp_path: Path) -> None:
    """Killed before the rename; or, of a step that was kept before a validation and after it, between the two renames."""
    run(tmp_path, epochs=1)
    folder = RunFolder(tmp_path)
    [newest] = saved_checkpoints(folder)[-1:]
    fresh = newest.with_name(f".{newest.name}")
    half = newest.with_name(".step_00000099")
    half.mkdir()
    newest.rename(fresh)
    assert newest not in saved_checkpoints(folder)
    said: list[str] = []
    assert find_checkpoint(folder, "last", said.append) == newest
    assert not said
    assert half.is_dir(), "it was never finished"
    (newest / "state.json").write_text("{")
    newest.rename(fresh)
    with pytest.raises(MateError, match="holds no checkpoint"):
        find_checkpoint(folder, "last", said.append)


def test_a_run_that_goes_back_leaves_what_came_after(
    run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, max_steps=6, checkpoint_steps=2)
    saved = RunFolder(tmp_path).checkpoints
    assert {path.name for path in saved.iterdir()} >= {"step_00000004", "step_00000006"}
    run(tmp_path, max_steps=5, checkpoint_steps=2, resume="step_00000004")
    assert "step_00000006 comes after it and goes when the next one is written" in capfd.readouterr().err
    assert max(path.name for path in saved.iterdir()) == "step_00000005"
    assert run(tmp_path, max_steps=5, checkpoint_steps=2, resume="last")["steps"] == 5


def test_what_a_killed_process_left_is_gone_after_the_next_checkpoint(run: Run, tmp_path: Path) -> None:
    run(tmp_path, epochs=1)
    for name in (".step_00000001", ".step_00000099", ".step_00000001.old"):
        (tmp_path / "checkpoints" / name).mkdir()
        (tmp_path / "checkpoints" / name / "state.json").write_text("{")
    run(tmp_path, epochs=2, resume="last")
    assert not list((tmp_path / "checkpoints").glob(".*"))


def test_a_checkpoint_that_is_removed_is_never_met_in_part(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[str] = []
    rmtree = shutil.rmtree

    def watched(path: Path, *rest: object, **options: object) -> None:
        removed.extend(name for name in [Path(path).name] if "step_" in name)
        rmtree(path, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("mate_hf.training.checkpoints.shutil.rmtree", watched)
    run(tmp_path, epochs=3, keep_checkpoints=1)
    assert len(saved_checkpoints(RunFolder(tmp_path))) == 1
    assert removed
    assert all(name.startswith(".") for name in removed)
