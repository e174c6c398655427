"""Finding the Mean and Std that a checkpoint's motions were normalised with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.retrieval_checkpoints.reading import Checkpoint
from mate_hf.retrieval_checkpoints.run_settings import RunSettings
from mate_hf.utils.arrays import load_array
from mate_hf.utils.pickles import SetAside, load_pickle

PAIRS = (("mean.pt", "std.pt"), ("Mean.npy", "Std.npy"), ("mean.npy", "std.npy"))

HYPER_PARAMETERS = "datamodule_hyper_parameters"
"""Where Lightning saves what OpenTMA's data module was made with, Mean and Std among it."""


@dataclass(frozen=True)
class Statistics:
    """Mean and Std (F,), and where they came from."""

    mean: Tensor
    std: Tensor
    origin: str


def find_statistics(
    checkpoint: Checkpoint, width: int, settings: RunSettings | None, mean: Path | None, std: Path | None
) -> Statistics:
    """The files given; else what the checkpoint holds; else files beside it or where its config.json points.

    Raises:
        MateError: found nowhere, or not `width` finite numbers with a positive Std.
    """
    if (mean is None) != (std is None):
        raise MateError(f"--{'std' if std is None else 'mean'} is missing; Mean and Std go together.")
    if mean is not None and std is not None:
        return statistics_from_files(mean, std, width)
    held = checkpoint.beside.get(HYPER_PARAMETERS)
    if isinstance(held, dict) and {"mean", "std"} <= held.keys():
        origin = f"{checkpoint.source} ({HYPER_PARAMETERS})"
        return _statistics(held["mean"], held["std"], width, (f"{origin}: mean", f"{origin}: std"), origin)
    places = _places(checkpoint, settings)
    for place in places:
        for files in PAIRS:
            if all((place / file).is_file() for file in files):
                return statistics_from_files(place / files[0], place / files[1], width)
    looked = "".join(f"\n  {place}" for place in places)
    raise MateError(
        f"{checkpoint.source}: its Mean and Std were not found. Pass --mean and --std: TMR has them in "
        "stats/{humanml3d,kitml}/guoh3dfeats/{mean,std}.pt of its checkout, OpenTMA takes Mean.npy and Std.npy of "
        f"the corpus it was trained on. Looked for {' and '.join(PAIRS[0])} (or .npy) in{looked}"
    )


def _places(checkpoint: Checkpoint, settings: RunSettings | None) -> list[Path]:
    places = [checkpoint.folder, checkpoint.folder / "stats"]
    if settings is not None:
        run = settings.file.parent
        places += [place for place in (run, run / "stats") if place not in places]
        places += [above / settings.statistics for above in run.parents]
    return places


def statistics_from_files(mean: Path, std: Path, width: int) -> Statistics:
    return _statistics(_open(mean), _open(std), width, (str(mean), str(std)), f"{mean}, {std}")


def _open(file: Path) -> Any:
    return load_array(file) if file.suffix == ".npy" else load_pickle(file)


def _statistics(mean: Any, std: Any, width: int, names: tuple[str, str], origin: str) -> Statistics:
    vectors = _vector(mean, names[0], width), _vector(std, names[1], width)
    if not bool((vectors[1] > 0).all()):
        place = int(vectors[1].argmin())
        raise MateError(
            f"{names[1]}: feature {place} has a Std of {float(vectors[1][place]):g}; expected above 0."
        )
    return Statistics(*vectors, origin)


def _vector(value: Any, where: str, width: int) -> Tensor:
    if isinstance(value, SetAside):
        value = value.vector()
    plain = isinstance(value, Tensor) and value.layout == torch.strided and not value.is_complex()
    if not plain and not isinstance(value, np.ndarray):
        raise MateError(f"{where}: holds {type(value).__name__}; expected {width} numbers.")
    vector = torch.as_tensor(value).float()
    if vector.shape != (width,) or not bool(vector.isfinite().all()):
        raise MateError(
            f"{where}: shape {tuple(vector.shape)}; expected {width} finite numbers, the width of the checkpoint's "
            "motion encoder."
        )
    return vector
