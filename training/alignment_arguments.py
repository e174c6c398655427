"""The knobs of ATM's losses in a training."""

from __future__ import annotations

from dataclasses import dataclass

from mate_hf.alignment.settings import LOSSES, AlignmentSettings
from mate_hf.errors import MateError
from mate_hf.utils.settings import option


@dataclass
class AlignmentArguments(AlignmentSettings):
    """Whether, and how, the motions that a model makes in training are aligned with their captions (ATM)."""

    alignment: str = option(
        "none",
        "inter: texts against motions made for others (ATM, Eq. 3); intra: a motion's worst clip against clips of the batch (Eq. 7).",
        ("none", *LOSSES),
    )
    alignment_module: str | None = option(
        None, "Frozen alignment module: run of train_retrieval.py (ATM's is --preset atm)."
    )
    alignment_sentence_encoder: str | None = option(
        None,
        "What tells how alike captions are: folder, Hub id or package:NAME. By default the one that the alignment module was trained "
        "with, which a converted checkpoint does not name.",
    )
    alignment_every: int = option(
        1,
        "Align in one step of so many, at as many times the weight: the same on average, at a fraction of the time.",
        least=1,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.alignment != "none" and self.alignment_module is None:
            raise MateError(
                f"alignment: {self.alignment} needs a frozen alignment module. Pass --alignment_module RUN, of `mate train-retrieval`."
            )
