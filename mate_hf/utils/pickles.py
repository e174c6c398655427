"""Opening a PyTorch file that others wrote, without running anything it names."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals

from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import mistaken
from mate_hf.utils.json_files import brief
from mate_hf.utils.reasons import unpickling_reason

READ_OVER = frozenset(
    [
        "argparse",
        "collections",
        "enum",
        "lightning",
        "lightning_fabric",
        "mld",
        "numpy",
        "omegaconf",
        "pathlib",
        "pytorch_lightning",
        "src",
        "tma",
        "torchmetrics",
        "transformers",
        "typing",
    ]
)
"""Packages whose objects training scripts leave in checkpoints beside the weights."""

PLAIN_TYPES = frozenset(
    f"builtins.{name}" for name in ["bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple"]
)

FLOATS: dict[str, np.dtype[Any]] = {"f4": np.dtype("<f4"), "f8": np.dtype("<f8")}


class SetAside:
    """Stands where a file has an object of another program: keeps what it is given, does nothing."""

    arguments: tuple[object, ...]
    state: object = None

    def __new__(cls, *arguments: object) -> SetAside:
        kept = super().__new__(cls)
        kept.arguments = arguments
        return kept

    def __setstate__(self, state: object) -> None:
        self.state = state

    def vector(self) -> NDArray[np.floating] | None:
        """The one-dimensional NumPy array of floats that it stands for; None where it is anything else."""
        match self.state:
            case (_, (int() as length,), SetAside(arguments=(str() as code, *_)), _, bytes() as content):
                if code in FLOATS and len(content) == length * FLOATS[code].itemsize:
                    return np.frombuffer(content, FLOATS[code]).copy()
        return None


def load_pickle(file: Path) -> Any:
    """What `torch.save` wrote to `file`, tensors on the CPU. PyTorch's `weights_only` reader; nothing else is tried.

    Objects of the packages in `READ_OVER` come back as `SetAside`: their own classes are neither imported nor run.

    Raises:
        MateError: no such file, damaged, or it names classes of other packages.
    """
    if not file.is_file():
        raise MateError(f"{file}: no such file.")
    if what := mistaken(file, archives=False):
        raise MateError(f"{file}: not a whole PyTorch checkpoint: it {what}")
    try:
        # Raises, of an end record that names other disks.
        zipped = zipfile.is_zipfile(file)
        with safe_globals(_stand_ins(file) if zipped else []):
            return torch.load(file, map_location="cpu", weights_only=True, mmap=zipped)
    except MateError:
        raise
    # Whatever a damaged zip or pickle meets first.
    except Exception as error:
        raise MateError(
            f"{file}: not a whole PyTorch checkpoint, or one that cannot be opened safely ({unpickling_reason(error)}). "
            f"Download it again; if that does not help, {_advice(file)}"
        ) from error


def weights_of(content: Any, where: str) -> dict[str, Tensor]:
    """Weights by name, as a checkpoint's file holds them.

    Raises:
        MateError: no dictionary, an empty one, or one in which something else than a weight stands.
    """
    if not isinstance(content, dict) or not content:
        raise MateError(f"{where}: holds {type(content).__name__}; expected weights by name.")
    for name, weight in content.items():
        if not isinstance(name, str):
            raise MateError(f"{where}: {brief(name)} is the name of a weight; expected text.")
        if not isinstance(weight, Tensor):
            raise MateError(f"{where}: {name} is {type(weight).__name__}; expected a tensor.")
        if weight.layout != torch.strided or weight.numel() * weight.element_size() > _stored(weight):
            raise MateError(
                f"{where}: {name} {tuple(weight.shape)} does not hold all its values; expected a plain tensor."
            )
    return content


def _stored(weight: Tensor) -> int:
    return weight.untyped_storage().nbytes()


def _stand_ins(file: Path) -> list[Any]:
    named = get_unsafe_globals_in_checkpoint(file)
    strange = sorted(
        name for name in named if name.split(".")[0] not in READ_OVER and name not in PLAIN_TYPES
    )
    if strange:
        raise MateError(
            f"{file}: besides weights it holds objects of {', '.join(strange[:3])}, which are not opened: unpickling "
            f"them could run any code. If you trust the file, {_advice(file)}"
        )
    return [(SetAside, name) for name in named]


def _advice(file: Path) -> str:
    return (
        "save the weights alone, in the environment it was trained in, and convert that file:\n"
        "    import torch\n"
        f'    checkpoint = torch.load("{file}", map_location="cpu", weights_only=False)\n'
        f'    torch.save({{"state_dict": checkpoint["state_dict"]}}, "{file.stem}-weights.ckpt")'
    )
