"""Made motions into files: arrays and animations, one a motion, or a picture of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mate_hf.data.kinds import MotionKind
from mate_hf.errors import MateError
from mate_hf.generation.generated import Generated
from mate_hf.motion_files.reading import Motion
from mate_hf.motion_files.writing import SUFFIXES as MOTIONS
from mate_hf.motion_files.writing import motion_output, write_motion_at
from mate_hf.plotting.run_skeleton import SUFFIXES as PICTURES
from mate_hf.plotting.run_skeleton import draw_motions, picture_output, require_drawable, require_few
from mate_hf.plotting.scene import Attention
from mate_hf.utils.outputs import Output


def places_of(out: Path, count: int, overwrite: bool, edit: str | Path | None) -> list[Output]:
    """The place of each motion, or of the one picture of all, found free.

    Raises:
        MateError: another ending, more motions than a picture shows, or a file that exists or is what is edited.
    """
    if out.suffix.lower() in PICTURES:
        place = picture_output(out, overwrite, reads=[edit])
        require_few(count, place.path)
        return [place]
    if out.suffix.lower() not in MOTIONS:
        found = f"ends in {out.suffix}" if out.suffix else "has no ending"
        raise MateError(
            f"{out}: the name {found}; expected {', '.join(MOTIONS[:-1])} or {MOTIONS[-1]}, or of a picture {', '.join(PICTURES)}."
        )
    return [motion_output(path, overwrite, reads=[edit]) for path in _paths(out, count)]


@contextmanager
def held(places: Sequence[Output]) -> Iterator[list[Output]]:
    """Hold the places of `places_of` while motions are made. The first stands for all, which lie in one folder: a thousand locks
    would be more files than a process may open.

    Raises:
        MateError: they cannot be written, or another process is writing them.
    """
    with places[0].held() as first:
        yield [first, *places[1:]]


def require_writable(places: Sequence[Output], frames: int, kind: MotionKind) -> None:
    """Ask, before motions are made, whether so many frames can be written.

    Raises:
        MateError: see `require_drawable`.
    """
    if places[0].path.suffix.lower() in PICTURES:
        require_drawable(places[0], frames, kind.fps)


def shows_words(places: Sequence[Output]) -> bool:
    """Whether what is written shows when each word is looked at."""
    return places[0].path.suffix.lower() == ".html"


def write_made(made: Generated, places: Sequence[Output], features: bool, kind: MotionKind) -> None:
    """Write what a pipeline made.

    Args:
        places: of `places_of`.
        features: in place of joints; `.npy` alone.
    """
    if places[0].path.suffix.lower() in PICTURES:
        motions = [Motion(joints / kind.metre, kind, made.fps) for joints in made.joints]
        attention = [Attention(words, weights) for words, weights in made.attention]
        draw_motions(motions, places[0], made.prompts, attention)
        return
    arrays = made.features if features else made.joints
    for place, array in zip(places, arrays, strict=True):
        if place.path.suffix.lower() == ".npy":
            # As the corpus has them; an animation is in a unit of its own.
            with place.written() as fresh, fresh.open("wb") as file:
                np.save(file, array.astype(np.float32))
        else:
            write_motion_at(place, array / kind.metre, made.fps)


def _paths(out: Path, count: int) -> list[Path]:
    if count <= 1:
        return [out]
    return [out.with_name(f"{out.stem}_{number}{out.suffix}") for number in range(count)]
