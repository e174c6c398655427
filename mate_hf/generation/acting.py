"""Motions, made a share at a time so that memory stays small; how, is told by each kind of generator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor
from transformers import PreTrainedModel

from mate_hf.data.kinds import MotionKind, kind_of_width
from mate_hf.data.motion_features import recover
from mate_hf.errors import MateError
from mate_hf.generation.agreement import agreed
from mate_hf.generation.attention import Looked
from mate_hf.generation.clips import LARGEST
from mate_hf.generation.editing import Holder, Kept
from mate_hf.generation.generated import Generated
from mate_hf.generation.reading import BATCH, Heard
from mate_hf.generation.smoothing import smoothed
from mate_hf.utils.terminal import terminal_of_bars

ROOM = 6000
"""Frames that are made at once, on whatever device: memory stays small, and a GPU is busy."""


@dataclass
class Job:
    """One motion to make: its actions, by the numbers of their prompts, the frames of each, and the seed of its noise."""

    actions: list[int]
    frames: list[int]
    seed: int

    @property
    def length(self) -> int:
        """Frames in all."""
        return sum(self.frames)


@dataclass(frozen=True)
class Sampling:
    """What a call asks of the way from noise, or from masks, to motion; see `MotionPipeline.__call__` and `edit`."""

    steps: int
    guidance: float
    solver: str | None = None
    strength: float = 1.0


@dataclass
class Asked:
    """What a call asks for.

    Attributes:
        heard: what the encoder says of `prompts`.
        attention: also note how much each frame looks at each word.
        hold: what of a clip is given.
    """

    prompts: list[str]
    heard: Heard
    sampling: Sampling
    attention: bool = False
    hold: Holder | None = None


@dataclass
class Acted:
    """Raw motions of a share (N,T,width), whatever stands behind their ends, and where asked for what each of them looked at."""

    motions: Tensor
    looked: Sequence[Looked] = ()


class Actor(ABC):
    """One kind of generator, as the pipeline uses it.

    Attributes:
        model: the generator, on its device.
        kind: of the motions it makes.
        mean, std: of their features (width,).
        solvers: names that `Sampling.solver` may have, the default first; none where it must be left out.
    """

    together: ClassVar[int] = BATCH
    """Prompts that are read at once."""
    model: PreTrainedModel
    kind: MotionKind
    mean: Tensor
    std: Tensor
    solvers: tuple[str, ...] = ()

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self.kind = kind_of_width(model.config.motion_width, "the generator")

    @abstractmethod
    def require(self, sampling: Sampling, keep: Kept | None = None) -> None:
        """Can it be made so, around what is kept of a clip?

        Raises:
            MateError: it cannot.
        """

    @abstractmethod
    def act(self, jobs: list[Job], asked: Asked, tick: Callable[[], None]) -> Acted:
        """Make the motions of a share; `tick` is called after every evaluation of the generator."""

    @abstractmethod
    def ticks(self, jobs: list[Job], asked: Asked) -> int:
        """How often `act` will call."""

    @property
    def parts(self) -> dict[str, Any]:
        """Networks that belong to the generator and stand in folders of their own beside it, by their names."""
        return {}

    def make(self, jobs: list[Job], asked: Asked, notes: list[str], progress: bool) -> Generated:
        """Make motions, in the order of `jobs`."""
        found = Generated([], [], [], self.kind.fps, [job.seed for job in jobs], notes=notes)
        shares = shares_of(jobs)
        bar = Progress(console=terminal_of_bars(), disable=not progress, transient=True)
        with bar:
            task = bar.add_task("acting", total=sum(self.ticks(share, asked) for share in shares))
            for share in shares:
                acted = self.act(share, asked, lambda: bar.advance(task))
                self._add(share, asked, acted, found)
        return found

    def _add(self, jobs: list[Job], asked: Asked, acted: Acted, found: Generated) -> None:
        given = None if asked.hold is None else asked.hold.given.cpu().numpy()
        raw: NDArray[np.float64] = acted.motions.double().cpu().numpy()
        for place, job in enumerate(jobs):
            if not (np.abs(raw[place, : job.length]) <= LARGEST).all():
                raise MateError(
                    f"prompt {'; '.join(asked.prompts[action] for action in job.actions)!r}: the generator made numbers that no body has: "
                    "its weights or statistics are damaged, or its training came apart. Open an earlier checkpoint."
                )
            features = agreed(raw[place, : job.length].astype(np.float32), self.kind, given)
            if given is not None:
                features = smoothed(features, self.kind, given)
            found.prompts.append("; ".join(asked.prompts[action] for action in job.actions))
            found.features.append(features)
            found.joints.append(recover(features, self.kind))
        found.attention += acted.looked


def shares_of(jobs: list[Job]) -> list[list[Job]]:
    """Jobs in order, `ROOM` frames at once."""
    shares: list[list[Job]] = [[]]
    for job in jobs:
        longest = max([job.length, *(other.length for other in shares[-1])])
        if shares[-1] and longest * (len(shares[-1]) + 1) > ROOM:
            shares.append([])
        shares[-1].append(job)
    return shares
