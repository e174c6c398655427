"""Checkpoints of version 0.1, which accelerate wrote: pickles, read as tensors and plain numbers and nothing else."""

from __future__ import annotations

import codecs
import random
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from mate_hf.training.checkpoint_files import MODEL, Resumable

OPTIMIZER, RUN_STATE, SCHEDULER = "optimizer.bin", "custom_checkpoint_0.pkl", "custom_checkpoint_1.pkl"
SCALER = "scaler.pt"
_ARRAY = np.zeros(1, np.uint32).__reduce__()[0]
PLAIN: list[Any] = [
    np.ndarray,
    np.dtype,
    type(np.dtype(np.uint32)),
    codecs.encode,
    # numpy 2 moved the function that rebuilds an array; a file names the place of its own time.
    *((_ARRAY, f"numpy.{core}.multiarray._reconstruct") for core in ("core", "_core")),
]
"""Beside tensors and plain values: numpy's random state is an array."""

WRAPPERS = ("module.", "_orig_mod.")
"""What distributed training and compilation put before a weight's name."""


def is_old(folder: Path) -> bool:
    """Whether accelerate wrote it."""
    return (folder / RUN_STATE).is_file()


def breach(folder: Path) -> str | None:
    """What is wrong with it; None where every file opens."""
    try:
        load_file(folder / MODEL)
    except Exception as error:
        return f"{MODEL} is damaged or cut short ({type(error).__name__})"
    for name in (OPTIMIZER, RUN_STATE, SCHEDULER, "random_states_0.pkl"):
        try:
            _plain(folder / name)
        except OSError:
            return f"{name} is missing"
        except ValueError as error:
            return str(error)
    return None


def read(parts: Resumable, folder: Path) -> list[str]:
    """Put everything back; see `checkpoint_files.read`."""
    parts.model.load_state_dict(_unwrapped(load_file(folder / MODEL)))
    parts.optimizer.load_state_dict(_plain(folder / OPTIMIZER))
    parts.state.load_state_dict(_plain(folder / RUN_STATE))
    parts.scheduler.load_state_dict(_plain(folder / SCHEDULER))
    if parts.accelerator.scaler is not None and (folder / SCALER).is_file():
        parts.accelerator.scaler.load_state_dict(_plain(folder / SCALER))
    own = folder / f"random_states_{parts.accelerator.process_index}.pkl"
    if not own.is_file():
        return [
            "this checkpoint has no random numbers of this process: dropout draws others than it would have."
        ]
    states = _plain(own)
    parts.accelerator.step = states.get("step", 0)
    random.setstate(states["random_state"])
    np.random.set_state(states["numpy_random_seed"])
    torch.set_rng_state(states["torch_manual_seed"])
    cuda = states.get("torch_cuda_manual_seed", [])
    if cuda and len(cuda) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(cuda)
    return []


def _plain(path: Path) -> Any:
    """A pickle of tensors, numbers, texts and containers; anything else in it is refused unread."""
    try:
        with torch.serialization.safe_globals(PLAIN):
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except (UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError, IndexError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"{path.name} is damaged, or holds more than tensors and numbers ({reason})"
        ) from error


def _unwrapped(state: dict[str, Tensor]) -> dict[str, Tensor]:
    found = {}
    for name, value in state.items():
        while name.startswith(WRAPPERS):
            name = name.split(".", 1)[1]
        found[name] = value
    return found
