"""What the field's feature extractors are made of."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig


class EvaluatorConfig(PretrainedConfig):
    """Sizes of an `EvaluatorModel` (Guo et al. 2022). Defaults are those of the published HumanML3D checkpoint.

    Args:
        motion_width: features a frame, 263 (HumanML3D) or 251 (KIT-ML). The last 4, foot contacts, are not read.
        motion_fps: frames per second.
        movement_width: hidden and output width of the convolutions, which turn 4 frames into one movement.
        motion_hidden, text_hidden: widths of the two bidirectional GRUs.
        feature_width: of the shared space in which R-Precision, MM-Dist and FID are measured.
        word_width: of a word's vector. tag_width: of its one-hot part of speech.
        longest_motion: frames that every motion is padded to, as in the field: the convolutions see where it ends.
    """

    model_type = "mate_evaluator"

    def __init__(
        self,
        motion_width: int = 263,
        motion_fps: float = 20.0,
        movement_width: int = 512,
        motion_hidden: int = 1024,
        text_hidden: int = 512,
        feature_width: int = 512,
        word_width: int = 300,
        tag_width: int = 15,
        longest_motion: int = 196,
        **kwargs: Any,
    ) -> None:
        self.motion_width = motion_width
        self.motion_fps = motion_fps
        self.movement_width = movement_width
        self.motion_hidden = motion_hidden
        self.text_hidden = text_hidden
        self.feature_width = feature_width
        self.word_width = word_width
        self.tag_width = tag_width
        self.longest_motion = longest_motion
        super().__init__(**kwargs)
