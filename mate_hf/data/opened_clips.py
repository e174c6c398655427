"""One motion of a corpus folder with its captions: what opening it costs, apart from the book that is kept on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.captions_file import Annotation, read_annotations
from mate_hf.data.motion_files import MotionFiles
from mate_hf.errors import MateError


@dataclass(frozen=True)
class OpenedClip:
    """A motion (T, width) and its annotations, none where either cannot be used, and what is wrong with them."""

    motion: NDArray[np.float32]
    annotations: list[Annotation]
    problems: list[str]


def open_clip(motions: MotionFiles, folder: Path, name: str) -> OpenedClip:
    """Open `<name>.npy` as features and `texts/<name>.txt`; what cannot be read is told, not raised."""
    try:
        motion = motions.features(name)
        annotations, problems = read_annotations(folder / "texts" / f"{name}.txt")
    except MateError as error:
        return OpenedClip(np.empty((0, motions.kind.width), np.float32), [], [str(error)])
    if not annotations and not problems:
        problems = [f"{folder / 'texts' / name}.txt: empty, so the motion has no caption."]
    return OpenedClip(motion, annotations, list(problems))
