"""Where the weights lie in the files that a user of TMR or OpenTMA has."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.utils.pickles import load_pickle, weights_of

PARTS = ("text_encoder", "motion_encoder", "motion_decoder")
"""TMR's modules, and the files `extract.py` makes of them."""

LAYOUTS = (
    f"{{{','.join(PARTS)}}}.pt (TMR, extracted)",
    "*_weights/ with those (TMR, run folder)",
    "logs/checkpoints/last.ckpt (TMR, run folder)",
    "checkpoints/*.ckpt (OpenTMA, run folder)",
    "one *.ckpt",
)


@dataclass(frozen=True)
class Checkpoint:
    """Weights under their makers' names.

    Attributes:
        source: the file, or the folder of parts, they were read from.
        state: name -> weight.
        beside: what else the file holds (Lightning).
    """

    source: Path
    state: dict[str, Tensor]
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.source if self.source.is_dir() else self.source.parent


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint file, an extracted folder, or a run folder of either repository.

    Raises:
        MateError: nothing there, nothing recognised, several candidates, or a file that does not open.
    """
    if not path.exists():
        raise MateError(f"{path}: no such file or folder.")
    found = _in_folder(path) if path.is_dir() else path
    return _read_parts(found) if found.is_dir() else _read_file(found)


def _in_folder(folder: Path) -> Path:
    if _holds_parts(folder):
        return folder
    for pattern in (
        "last_weights",
        "*_weights",
        "logs/checkpoints/last.ckpt",
        "checkpoints/*.ckpt",
        "*.ckpt",
    ):
        found = sorted(
            place for place in folder.glob(pattern) if place.suffix == ".ckpt" or _holds_parts(place)
        )
        if len(found) > 1:
            names = ", ".join(str(place.relative_to(folder)) for place in found)
            raise MateError(f"{folder}: {len(found)} checkpoints: {names}. Name one of them.")
        if found:
            return found[0]
    raise MateError(f"{folder}: no retrieval checkpoint. Looked for:\n  " + "\n  ".join(LAYOUTS))


def _holds_parts(folder: Path) -> bool:
    return all((folder / f"{part}.pt").is_file() for part in PARTS)


def _read_parts(folder: Path) -> Checkpoint:
    state: dict[str, Tensor] = {}
    for part in PARTS:
        file = folder / f"{part}.pt"
        state |= {f"{part}.{name}": weight for name, weight in _weights(load_pickle(file), file).items()}
    return Checkpoint(folder, state)


def _read_file(file: Path) -> Checkpoint:
    content = load_pickle(file)
    if not isinstance(content, dict) or "state_dict" not in content:
        return Checkpoint(file, _weights(content, file))
    return Checkpoint(file, _weights(content.pop("state_dict"), file), content)


def _weights(state: Any, file: Path) -> dict[str, Tensor]:
    if not isinstance(state, dict) or not state:
        raise MateError(
            f"{file}: holds {type(state).__name__}; expected weights by name, or Lightning's `state_dict`."
        )
    return weights_of(state, str(file))
