"""What `accelerate config` has written is held against this machine before anything is started."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
import torch
from accelerate.commands.config import config_args

import mate_hf.training.train as script
from mate_hf.errors import MateError
from mate_hf.training.launching import launch, require_devices
from mate_hf.utils.endings import Asked

SCRIPT = Path(script.__file__)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where accelerate looks for it, on a machine without accelerators."""
    file = tmp_path / "default_config.yaml"
    monkeypatch.setattr(config_args, "default_config_file", str(file))
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    return file


def settings(kind: str, *lines: str) -> str:
    return "\n".join(["compute_environment: LOCAL_MACHINE", f"distributed_type: {kind}", *lines, ""])


@pytest.mark.parametrize("kind", ["MULTI_GPU", "FSDP", "DEEPSPEED", "XLA", "MULTI_XPU"])
def test_accelerators_that_are_not_there_are_said(config: Path, kind: str) -> None:
    config.write_text(settings(kind, "num_processes: 2"))
    with pytest.raises(MateError) as refused:
        launch(SCRIPT, [])
    assert f"{config} asks for" in str(refused.value)
    assert "this machine has 0 GPUs" in str(refused.value)
    assert "python -m mate_hf.training.train with the same flags" in str(refused.value)


def test_fewer_than_it_asks_for_are_said(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)
    config.write_text(settings("MULTI_GPU", "num_processes: 8", "num_machines: 1"))
    with pytest.raises(MateError, match=r"MULTI_GPU in 8 processes here, and this machine has 2 GPUs"):
        require_devices(config, SCRIPT)
    config.write_text(settings("MULTI_GPU", "num_processes: 8", "num_machines: 4"))
    require_devices(config, SCRIPT)


@pytest.mark.parametrize("kind", ["NO", "MULTI_CPU"])
def test_what_this_machine_has_is_left_to_accelerate(config: Path, kind: str) -> None:
    require_devices(config, SCRIPT)
    processes = 1 if kind == "NO" else 2
    config.write_text(settings(f"'{kind}'", f"num_processes: {processes}", "use_cpu: true"))
    require_devices(config, SCRIPT)


@pytest.mark.parametrize("content", ["[", "distributed_type: MANY\n", "- 1\n", "unknown: 1\n"])
def test_a_file_that_is_none_is_named(config: Path, content: str) -> None:
    config.write_text(content)
    with pytest.raises(MateError, match=r"default_config\.yaml: no configuration.*`accelerate config`"):
        require_devices(config, SCRIPT)


def test_a_failed_process_of_several_ends_without_a_traceback(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure

    def fail(*_: object) -> None:
        raise ChildFailedError("train", {0: ProcessFailure(0, 1, 1, "")})

    monkeypatch.setattr("mate_hf.training.launching.launch_command", fail)
    with pytest.raises(SystemExit, match="1"):
        launch(SCRIPT, [])


def test_a_killed_process_of_several_is_named(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure

    def fail(*_: object) -> None:
        raise ChildFailedError("train", {1: ProcessFailure(1, 4321, -9, "")})

    monkeypatch.setattr("mate_hf.training.launching.launch_command", fail)
    with pytest.raises(MateError, match=r"process 1 of the training \(pid 4321\) was ended by SIGKILL"):
        launch(SCRIPT, [])


def test_a_launcher_that_was_asked_to_end_ends_as_asked(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch.distributed.elastic.multiprocessing.api import SignalException

    def end(*_: object) -> None:
        assert os.environ["MATE_ENDS_WITH"] == str(os.getpid()), "its processes would outlive it"
        raise SignalException("asked", signal.SIGHUP)

    monkeypatch.setattr("mate_hf.training.launching.launch_command", end)
    with pytest.raises(Asked) as asked:
        launch(SCRIPT, [])
    assert asked.value.number == signal.SIGHUP
    assert "MATE_ENDS_WITH" not in os.environ


@pytest.mark.parametrize(("status", "expected"), [(0, None), (143, 143), (-9, "SIGKILL.*--resume last")])
def test_one_process_is_a_child_whose_end_is_this_ones(
    config: Path, monkeypatch: pytest.MonkeyPatch, status: int, expected: object
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], output: object, environment: dict[str, str]) -> int:
        ran.append(command)
        assert output is None
        assert environment["PATH"]
        return status

    monkeypatch.setattr("mate_hf.training.launching.run_child", run)
    if isinstance(expected, str):
        with pytest.raises(MateError, match=expected):
            launch(SCRIPT, ["--seed", "3"])
    elif expected:
        with pytest.raises(SystemExit) as ended:
            launch(SCRIPT, ["--seed", "3"])
        assert ended.value.code == expected
    else:
        launch(SCRIPT, ["--seed", "3"])
    [command] = ran
    assert command[0] == sys.executable
    assert command[-3:] == [str(SCRIPT), "--seed", "3"]
