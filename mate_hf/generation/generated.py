"""What a call of the pipeline gives."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mate_hf.generation.seams import EditReport


@dataclass
class Generated:
    """Motions of one call, in the order of prompts, `num` of each.

    Attributes:
        prompts: of each motion; the actions of a sequence joined by "; ".
        features: of each (T,width), raw HumanML3D or KIT-ML features.
        joints: of each (T,J,3), in the unit of the corpus (metres for HumanML3D), y up.
        fps: frames per second.
        seeds: of each motion's noise.
        attention: where asked for, of each motion its words and how much each frame looks at them (T, words).
        edits: where a clip was edited, how well what was given was kept, and how smooth the seams are.
        notes: what was done otherwise than asked, a line each.
    """

    prompts: list[str]
    features: list[NDArray[np.float32]]
    joints: list[NDArray[np.float32]]
    fps: float
    seeds: list[int]
    attention: list[tuple[list[str], NDArray[np.float32]]] = field(default_factory=list)
    edits: list[EditReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.features)
