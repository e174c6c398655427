"""`mate train` as `accelerate launch` would start it, with what can go wrong there said in one line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from accelerate.commands.config import config_args
from accelerate.commands.launch import launch_command, launch_command_parser
from accelerate.utils import DistributedType
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from mate_hf.errors import MateError
from mate_hf.utils.reasons import reason

ON_CPUS = (DistributedType.NO, DistributedType.MULTI_CPU)


def launch(script: Path, flags: Sequence[str]) -> None:
    """Train by the user's configuration of accelerate, where there is one.

    Raises:
        MateError: it asks for what this machine or environment does not have.
        SystemExit: the training failed, and has said why.
    """
    require_devices(Path(config_args.default_config_file), script)
    # It says at every start which of its own settings nobody gave.
    logging.getLogger("accelerate.commands.launch").setLevel(logging.ERROR)
    try:
        launch_command(launch_command_parser().parse_args(["--quiet", str(script), *flags]))
    except ChildFailedError:
        sys.exit(1)
    except (ImportError, ValueError, OSError, RuntimeError) as error:
        raise MateError(
            f"accelerate could not start the training: {reason(error)}. {_advice(script)}"
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
