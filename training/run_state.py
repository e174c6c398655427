"""Where a run stands, and the random numbers it will draw next."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass
class RunState:
    """Where a run stands; with weights, optimizer and random states, all that an exact continuation needs."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float | None = None
    epochs_without_better: int = 0
    history: list[dict[str, float]] = field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a state.

        Raises:
            KeyError: a field is missing.
        """
        for entry in fields(self):
            setattr(self, entry.name, state[entry.name])


def random_state() -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Of Python, numpy and torch in this process: tensors, and what JSON can hold."""
    version, numbers, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state()
    tensors = {"torch": torch.get_rng_state(), "numpy": torch.from_numpy(np.asarray(keys).astype(np.int64))}
    if torch.cuda.is_available():
        tensors |= {f"cuda.{place}": state for place, state in enumerate(torch.cuda.get_rng_state_all())}
    return tensors, {
        "python": [version, list(numbers), gauss],
        "numpy": [kind, int(position), int(has_gauss), float(cached)],
    }


def restore_random_state(tensors: dict[str, Tensor], rest: dict[str, Any]) -> None:
    """Draw on from there.

    Raises:
        KeyError, ValueError, TypeError: not what `random_state` gives.
    """
    version, numbers, gauss = rest["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, position, has_gauss, cached = rest["numpy"]
    np.random.set_state((kind, tensors["numpy"].numpy().astype(np.uint32), position, has_gauss, cached))
    torch.set_rng_state(tensors["torch"])
    cuda = [tensors[f"cuda.{place}"] for place in range(sum(name.startswith("cuda.") for name in tensors))]
    if cuda and len(cuda) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(cuda)
