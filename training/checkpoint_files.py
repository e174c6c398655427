"""What a checkpoint's folder holds: tensors as safetensors, everything else as JSON; nothing in it can run.

    model.safetensors       the objective with its model
    optimizer.safetensors   AdamW's state
    state.json              where the run stands, the optimizer's groups, the schedule, what the run depends on
    random_N.safetensors    random numbers of process N, with random_N.json
    whole.json              size and checksum of each of these, written last

Checkpoints of version 0.1 are accelerate's: their pickles are read as plain tensors and numbers, see `old_checkpoints`.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.optimizer import AcceleratedOptimizer
from safetensors.torch import load_file, load_model, save_file, save_model
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from mate_hf.training.run_state import RunState, random_state, restore_random_state
from mate_hf.utils.files import flush
from mate_hf.utils.first_bytes import mistaken

MODEL, OPTIMIZER, STATE, WHOLE = "model.safetensors", "optimizer.safetensors", "state.json", "whole.json"
CHUNK = 1 << 24


@dataclass
class Resumable:
    """The live parts of a run that a checkpoint keeps.

    Attributes:
        model: the objective, not wrapped.
        depends_on: what must be the same when the run goes on: the corpus, the vocabulary.
    """

    accelerator: Accelerator
    model: nn.Module
    optimizer: AcceleratedOptimizer
    scheduler: LRScheduler
    state: RunState
    depends_on: dict[str, str]


def write_shared(parts: Resumable, folder: Path) -> None:
    """What the main process writes for all."""
    save_model(parts.model, str(folder / MODEL))
    known = parts.optimizer.state_dict()
    tensors, numbers = _split(known["state"])
    save_file(tensors, folder / OPTIMIZER)
    scaler = parts.accelerator.scaler
    _write_json(
        folder / STATE,
        {
            "run": parts.state.state_dict(),
            "groups": known["param_groups"],
            "numbers": numbers,
            "scheduler": parts.scheduler.state_dict(),
            "scaler": None if scaler is None else scaler.state_dict(),
            "accelerator_step": parts.accelerator.step,
            "processes": parts.accelerator.num_processes,
            "depends_on": parts.depends_on,
        },
    )


def write_own(folder: Path, process: int) -> None:
    """What each process writes for itself."""
    tensors, rest = random_state()
    save_file(tensors, folder / f"random_{process}.safetensors")
    _write_json(folder / f"random_{process}.json", rest)


def seal(folder: Path) -> None:
    """Note what is there, once it is all there."""
    found = {path.name: _mark(path) for path in sorted(folder.iterdir())}
    _write_json(folder / WHOLE, found)
    flush(folder)


def breach(folder: Path) -> str | None:
    """What is wrong with a sealed checkpoint; None where it is whole."""
    for name, mark in read_json(folder / WHOLE).items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            return f"{name} is missing"
        if _mark(path) != mark:
            return f"{name} {mistaken(path).rstrip('.') or 'is damaged or cut short'}"
    return None


def read(parts: Resumable, folder: Path) -> list[str]:
    """Put everything back.

    Returns:
        Lines to say.

    Raises:
        OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError: what does not fit.
    """
    state = read_json(folder / STATE)
    device = parts.accelerator.device
    # Of several processes on CPUs each is on "cpu:0", which safetensors does not know.
    load_model(parts.model, folder / MODEL, device="cpu" if device.type == "cpu" else str(device))
    groups = [{**group, "betas": tuple(group["betas"])} for group in state["groups"]]
    moments = _joined(load_file(folder / OPTIMIZER), state["numbers"])
    parts.optimizer.load_state_dict({"state": moments, "param_groups": groups})
    parts.scheduler.load_state_dict(state["scheduler"])
    if parts.accelerator.scaler is not None and state["scaler"] is not None:
        parts.accelerator.scaler.load_state_dict(state["scaler"])
    parts.accelerator.step = state["accelerator_step"]
    parts.state.load_state_dict(state["run"])
    own = f"random_{parts.accelerator.process_index}"
    if state["processes"] != parts.accelerator.num_processes:
        return [
            f"{state['processes']} processes wrote this checkpoint and {parts.accelerator.num_processes} go on: dropout draws "
            "other numbers than it would have."
        ]
    restore_random_state(load_file(folder / f"{own}.safetensors"), read_json(folder / f"{own}.json"))
    return []


def read_json(path: Path) -> Any:
    """A file of ours.

    Raises:
        OSError, ValueError: it cannot be read, or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError(f"{path.name} is nested too deep") from error


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def _split(state: dict[int, dict[str, Any]]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """An optimizer's state as tensors and the rest, both under PARAMETER.NAME."""
    flat = {f"{number}.{name}": value for number, own in state.items() for name, value in own.items()}
    tensors = {name: value.contiguous() for name, value in flat.items() if isinstance(value, Tensor)}
    return tensors, {name: value for name, value in flat.items() if name not in tensors}


def _joined(tensors: dict[str, Tensor], numbers: dict[str, Any]) -> dict[int, dict[str, Any]]:
    state: dict[int, dict[str, Any]] = {}
    for name, value in {**tensors, **numbers}.items():
        number, _, own = name.partition(".")
        state.setdefault(int(number), {})[own] = value
    return state


def _mark(path: Path) -> list[int]:
    """Bytes, and their checksum."""
    size = checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
    return [size, checksum]
