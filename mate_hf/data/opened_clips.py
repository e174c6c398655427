"""One motion of a corpus folder with its captions: what opening it costs, apart from the book that is kept on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.captions_file import read_annotations
from mate_hf.data.motion_files import MotionFiles
from mate_hf.errors import MateError
from mate_hf.text.caption_lines import Annotation
from mate_hf.utils.foreign_paths import inside


@dataclass(frozen=True)
class OpenedClip:
    """A motion (T, width) and its annotations, none where either cannot be used, what is wrong with them, and what is odd."""

    motion: NDArray[np.float32]
    annotations: list[Annotation]
    problems: list[str]
    odd: tuple[str, ...] = ()

    def refused(self, reason: str) -> OpenedClip:
        """The clip without its annotations, for another reason."""
        return OpenedClip(self.motion, [], [*self.problems, reason])


def open_clip(motions: MotionFiles, folder: Path, name: str) -> OpenedClip:
    """Open `<name>.npy` as features and `texts/<name>.txt`; what cannot be read is told, not raised."""
    try:
        motion = motions.features(name)
        annotations, problems = read_annotations(inside(folder / "texts", name, ".txt", follow_links=True))
    except MateError as error:
        return OpenedClip(np.empty((0, motions.kind.width), np.float32), [], [str(error)])
    if not annotations and not problems:
        problems = [f"{folder / 'texts' / name}.txt: empty, so the motion has no caption."]
    return OpenedClip(motion, annotations, list(problems))
