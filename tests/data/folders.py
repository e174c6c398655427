"""Tiny corpus folders to read, and to break."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mate_hf.data.kinds import HUMANML3D, MotionKind
from mate_hf.data.split import Split

CAPTION = "a person walks#a/DET person/NOUN walk/VERB#0.0#0.0"


def some_motion(seed: int, frames: int = 60, kind: MotionKind = HUMANML3D) -> np.ndarray:
    """Random features (frames, width) float32."""
    return np.random.default_rng(seed).normal(size=(frames, kind.width)).astype(np.float32)


def write_motion(folder: Path, name: str, motion: np.ndarray, texts: str = CAPTION) -> None:
    holder = folder / ("new_joint_vecs" if motion.ndim == 2 else "new_joints")
    for place in (holder, folder / "texts"):
        place.mkdir(parents=True, exist_ok=True)
    np.save(holder / f"{name}.npy", motion)
    (folder / "texts" / f"{name}.txt").write_text(texts + "\n", encoding="utf-8")


def write_lists(folder: Path, train: str = "", val: str = "", test: str = "") -> None:
    """Split lists of space-separated ids."""
    for name, ids in (("train", train), ("val", val), ("test", test)):
        (folder / f"{name}.txt").write_text("".join(f"{one}\n" for one in ids.split()))


def small_corpus(folder: Path, kind: MotionKind = HUMANML3D, frames: int = 60) -> Path:
    """Two training motions `a` and `b`, one each of validation `c` and test `d`, one caption each."""
    for seed, name in enumerate("abcd"):
        write_motion(folder, name, some_motion(seed, frames, kind))
    write_lists(folder, "a b", "c", "d")
    return folder


def content(split: Split) -> list[dict[str, Any]]:
    """All that a split holds, comparable."""
    return [{**row, "motion": row["motion"].tolist()} for row in map(split.row, range(len(split)))]
