"""Generators that act out one sentence from the same noise, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.motion_files.reading import Motion
from mate_hf.motion_files.writing import write_motion
from mate_hf.plotting.scene import Attention, Scene, scene_of
from mate_hf.utils.named_paths import named_paths
from mate_hf.utils.scratch import scratch_folder

if TYPE_CHECKING:
    from mate_hf.generation import MotionPipeline

MOST_GENERATORS = 2
SHORTEST, LONGEST = 1.0, 10.0
"""Seconds of a motion that is made on the page."""


@dataclass(frozen=True)
class Generator:
    """A pipeline and what it is called."""

    name: str
    pipe: MotionPipeline


@dataclass(frozen=True)
class Acted:
    """What a generator made.

    Attributes:
        joints: (T, J, 3) metres.
        notes: what was done otherwise than asked.
    """

    name: str
    prompt: str
    motion: Motion
    attention: Attention | None
    notes: tuple[str, ...] = ()

    @property
    def joints(self) -> NDArray[np.floating]:
        """(T, J, 3) metres."""
        return self.motion.joints

    @cached_property
    def bvh(self) -> bytes:
        """As a `.bvh` file."""
        return self._file(".bvh")

    @cached_property
    def glb(self) -> bytes:
        """As a `.glb` file."""
        return self._file(".glb")

    def _file(self, ending: str) -> bytes:
        with scratch_folder("explore-file") as scratch:
            file = scratch / f"motion{ending}"
            write_motion(file, self.joints, self.motion.fps)
            return file.read_bytes()


def open_generators(given: Sequence[str], which: str = "best", device: str = "cpu") -> tuple[Generator, ...]:
    """Open generators, each a path or Hub id, or NAME=PATH.

    Raises:
        MateError: more than two, two of one name, no generator there, or the extra that makes motions is not installed.
    """
    named = named_paths(given, MOST_GENERATORS)
    if not named:
        return ()
    from mate_hf.generation import MotionPipeline

    return tuple(Generator(name, MotionPipeline.from_pretrained(path, which, device)) for name, path in named)


def act(
    generators: Sequence[Generator], prompt: str, seconds: float | None, seed: float | None
) -> Iterator[Acted]:
    """What each makes of the prompt, one after another.

    Raises:
        MateError: a number that is none or out of range.
    """
    if seconds is None or not SHORTEST <= seconds <= LONGEST:
        raise MateError(f"Seconds are {seconds}; expected {SHORTEST:g} to {LONGEST:g}.")
    if seed is None or not 0 <= seed < 2**32 or int(seed) != seed:
        raise MateError(f"The seed is {seed}; expected a whole number from 0 to 4294967295.")
    for generator in generators:
        pipe = generator.pipe
        made = pipe(prompt, float(seconds), seed=int(seed), return_attention=pipe.hears_words)
        looks = Attention(*made.attention[0]) if made.attention else None
        motion = Motion(made.joints[0] / pipe.kind.metre, pipe.kind, made.fps)
        yield Acted(generator.name, prompt, motion, looks, tuple(made.notes))


def scene_of_acted(acted: Sequence[Acted]) -> Scene:
    """Side by side, in step.

    Raises:
        MateError: motions of different skeletons or rates.
    """
    return scene_of(
        [one.motion for one in acted],
        [one.name for one in acted],
        [one.attention for one in acted],
        acted[0].prompt,
    )
