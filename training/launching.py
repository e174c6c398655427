"""`mate train` as `accelerate launch` would start it, with what can go wrong there said in one line."""

from __future__ import annotations

import logging
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from accelerate.commands import launch as launchers
from accelerate.commands.config import config_args
from accelerate.commands.launch import launch_command, launch_command_parser
from accelerate.utils import DistributedType
from accelerate.utils.launch import prepare_simple_launcher_cmd_env
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from mate_hf.errors import MateError
from mate_hf.utils.children import run_child
from mate_hf.utils.endings import ENDS_WITH, Asked
from mate_hf.utils.reasons import reason

SHUTDOWN = "45"
"""Seconds that torch's launcher leaves its processes for a step and a checkpoint, when asked to end and when one of them is gone."""

ON_CPUS = (DistributedType.NO, DistributedType.MULTI_CPU)


def launch(script: Path, flags: Sequence[str]) -> None:
    """Train by the user's configuration of accelerate, where there is one.

    One process is a child that signals are passed on to; several are started by torch's launcher, which passes them on, too, and ends all
    when one fails.

    Raises:
        MateError: it asks for what this machine or environment does not have, or a signal killed a process.
        SystemExit: the training failed, and has said why.
        Asked: the launcher was asked to end, and its processes have ended.
    """
    require_devices(Path(config_args.default_config_file), script)
    # It says at every start which of its own settings nobody gave.
    logging.getLogger("accelerate.commands.launch").setLevel(logging.ERROR)
    try:
        with _launchers_that_leave_nothing():
            launch_command(launch_command_parser().parse_args(["--quiet", str(script), *flags]))
    except ChildFailedError as error:
        _require_own_end(error)
        sys.exit(1)
    except SignalException as ended:
        raise Asked(ended.sigval) from ended
    except (ImportError, ValueError, OSError, RuntimeError) as error:
        raise MateError(
            f"accelerate could not start the training: {reason(error)}. {_advice(script)}"
        ) from error


@contextmanager
def _launchers_that_leave_nothing() -> Iterator[None]:
    """Accelerate's own way with one process is a child that lives on when its parent is ended."""
    before = launchers.simple_launcher
    os.environ[ENDS_WITH] = str(os.getpid())
    os.environ.setdefault("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", SHUTDOWN)
    launchers.simple_launcher = _run_one
    try:
        yield
    finally:
        launchers.simple_launcher = before
        os.environ.pop(ENDS_WITH, None)


def _run_one(arguments: Namespace) -> None:
    """Train in one process, which ends with this one.

    Raises:
        MateError: a signal killed it.
        SystemExit: it failed, and has said why.
    """
    command, environment = prepare_simple_launcher_cmd_env(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    status = run_child(command, None, environment=environment)
    if status < 0:
        raise MateError(
            f"the training was ended by {signal.Signals(-status).name}. Is the machine out of memory? Go on with --resume last."
        )
    if status:
        sys.exit(status)


def _require_own_end(error: ChildFailedError) -> None:
    """A process that failed has said why, one that was killed could not.

    Raises:
        MateError: it was killed.
    """
    rank, failure = error.get_first_failure()
    if failure.exitcode < 0:
        raise MateError(
            f"process {rank} of the training (pid {failure.pid}) was ended by {signal.Signals(-failure.exitcode).name}, and the others "
            "with it. Is the machine out of memory? Go on with --resume last."
        ) from error


def require_devices(file: Path, script: Path) -> None:
    """Hold what `accelerate config` has written against this machine; without such a file accelerate takes what it finds.

    Raises:
        MateError: it asks for accelerators that are not there, or is no such file.
    """
    if not file.is_file():
        return
    try:
        asked = config_args.load_config_from_file(str(file))
        kind = DistributedType(asked.distributed_type)
        processes = -(-int(asked.num_processes) // max(int(asked.num_machines or 1), 1))
    except Exception as error:
        raise MateError(
            f"{file}: no configuration of accelerate that can be read ({reason(error)}). {_advice(script)}"
        ) from error
    if asked.use_cpu or kind in ON_CPUS:
        return
    there = torch.accelerator.device_count() if torch.accelerator.is_available() else 0
    if not there or (kind == DistributedType.MULTI_GPU and processes > there):
        raise MateError(
            f"{file} asks for {kind.value} in {processes} processes here, and this machine has {there} GPUs. {_advice(script)}"
        )


def _advice(script: Path) -> str:
    return (
        "Run `accelerate config` for this machine, or train in one process, which reads no such file: python -m "
        f"mate_hf.training.{script.stem} with the same flags."
    )
