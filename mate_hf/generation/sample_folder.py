"""Motions of a whole split beside the real ones, in the folders that the field's metrics read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.split import Split, first_rows_of_clips

REAL, GENERATED, SEVERAL, CAPTIONS = "real", "generated", "multimodality", "captions.jsonl"


class SampledClips:
    """The clips of a split, each once with its first caption.

    Attributes:
        clips: rows of the split. names: of their files, places in the split. captions, frames: of each.
    """

    def __init__(self, split: Split) -> None:
        self.clips = split.select(first_rows_of_clips(split))
        self.names = [f"{number:06d}" for number in range(len(self.clips))]
        self.captions: list[str] = list(self.clips["caption"])
        self.frames: list[int] = list(self.clips["length"])

    def save(self, folder: Path) -> None:
        """Write `real/` and `captions.jsonl` of `id` and `caption`."""
        for row, name in enumerate(self.names):
            save_motion(folder / REAL / f"{name}.npy", self.clips.motions[row])
        lines = [
            json.dumps({"id": name, "caption": text}, ensure_ascii=False) + "\n"
            for name, text in zip(self.names, self.captions, strict=True)
        ]
        (folder / CAPTIONS).write_text("".join(lines), encoding="utf-8")


def save_motion(path: Path, motion: NDArray[np.floating]) -> None:
    """Write features (T,F), making the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.asarray(motion, dtype=np.float32))
